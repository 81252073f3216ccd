import { CertificateAuthority } from "@apns/credentials";
import { describe, expect, it } from "vitest";
import type { Simulator } from "../src/index.ts";
import { deviceToken, enhanced, type LegacyPeer, legacy, sleep, start, until } from "./peers.ts";

// The vectors of the protocol's description: device token 00 01 … 1f, `{"aps":{"alert":"Hi"}}`.
const token = "0020 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const hi = "0016 7b22617073223a7b22616c657274223a224869227d7d";
const silent = "001f 7b22617073223a7b22636f6e74656e742d617661696c61626c65223a317d7d";
const accented = "0016 7b22617073223a7b22616c657274223a22c3a9227d7d";
const v1 = `00 ${token} ${hi}`;
const v2 = `01 01020304 6553f100 ${token} ${hi}`;
const v3 = `02 0000004e 01 ${token} 02 ${hi} 03 0004 01020304 04 0004 6553f100 05 0001 0a`;
const v4 = `02 00000050 01 ${token} 02 ${silent} 03 0004 00000007 05 0001 05`;
const v5 = "02 00000018 03 0004 00000001 01 0000 02 0000 04 0004 00000000 05 0001 0a";
const v5b = "01 00000001 00000000 0000 0000";
const v6 = "01 00000000 00000000 0001 00 0001 00";
const v7 = `02 00000073 01 0064 ${"aa".repeat(100)} 02 0002 7b7d 03 0004 fffffffe`;
const v8 = `01 00000005 00000000 ${token} ${accented}`;

const barrier = "01 0000ffff 00000000 0000 0000";
const barrierAnswer = "08020000ffff";
const unknown = "ab".repeat(32);

async function ready(options: Parameters<typeof start>[0] = {}): Promise<Simulator> {
  const apple = await start({ errorLingerMs: 30, ...options });
  apple.world.register([deviceToken, "aa".repeat(100)]);
  return apple;
}

/** What was received, without what differs from run to run. */
function log(apple: Simulator): object[] {
  return [...apple.received].map(({ receivedAt, connection, ...rest }) => rest);
}

describe("accepted frames", () => {
  const accepted = { wire: "binary", deviceToken, topic: "com.example.App", verdict: { kind: "accepted" } };
  const payload = '{"aps":{"alert":"Hi"}}';
  const expected = [
    { ...accepted, payload, priority: 10 },
    { ...accepted, payload, identifier: 0x01020304, expiration: 1_700_000_000, priority: 10 },
    { ...accepted, payload, identifier: 0x01020304, expiration: 1_700_000_000, priority: 10 },
    { ...accepted, payload: '{"aps":{"content-available":1}}', identifier: 7, priority: 5 },
    { ...accepted, payload: "{}", identifier: 0xfffffffe, priority: 10, deviceToken: "aa".repeat(100) },
    { ...accepted, payload: '{"aps":{"alert":"é"}}', identifier: 5, expiration: 0, priority: 10 },
  ];
  const poison = {
    wire: "binary",
    deviceToken: "",
    topic: "com.example.App",
    payload: "",
    identifier: 1,
    expiration: 0,
    priority: 10,
    verdict: { kind: "rejected", reason: "MissingDeviceToken", httpStatus: 400, statusCode: 2 },
  };
  const everything = [v1, v2, v3, v4, v7, v8, v5].join("").replace(/\s/g, "");

  it.each([
    ["in one write", everything.length],
    ["byte by byte", 2],
    ["seven bytes at a time", 14],
  ])("of all three commands meet silence, then a barrier its answer: %s", async (_name, digits) => {
    const apple = await ready();
    const peer = await legacy(apple);
    for (let at = 0; at < everything.length; at += digits) {
      peer.send(everything.slice(at, at + digits));
      if (at % 200 === 0) await sleep(0);
    }
    expect(await peer.ended).toBe("080200000001");
    expect(log(apple)).toEqual([...expected, poison]);
    expect(apple.stats().binary).toMatchObject({ received: 7, accepted: 6, rejected: 1, discarded: 0 });
  });

  it("with any priority are accepted", async () => {
    const apple = await ready();
    const peer = await legacy(apple);
    for (const priority of ["0a", "07", "00"]) peer.send(`02 00000049 01 ${token} 02 ${silent} 05 0001 ${priority}`);
    peer.send(barrier);
    expect(await peer.ended).toBe(barrierAnswer);
    expect(apple.stats().binary).toMatchObject({ accepted: 3, rejected: 1 });
  });

  it("are not answered at all", async () => {
    const apple = await ready();
    const peer = await legacy(apple);
    peer.send(v1 + v2 + v3);
    await until(() => apple.received.length === 3);
    await sleep(50);
    expect(peer.hex).toBe("");
  });

  it("count although the sender closes right behind them, but a cut-off frame does not", async () => {
    const apple = await ready();
    const peer = await legacy(apple);
    peer.socket.end(Buffer.from((v1 + v2 + v3.slice(0, 60)).replace(/\s/g, ""), "hex"));
    expect(await peer.ended).toBe("");
    expect(apple.stats().binary).toMatchObject({ received: 2, accepted: 2 });
  });

  it("to an unregistered device are accepted, and wait at the feedback service", async () => {
    const apple = await ready();
    apple.world.unregister(deviceToken, 1_700_000_000_999);
    const peer = await legacy(apple);
    peer.send(v2 + barrier);
    expect(await peer.ended).toBe(barrierAnswer);
    expect(apple.received.at(0)?.verdict).toEqual({ kind: "accepted", unregisteredAt: 1_700_000_000_999 });
    expect(apple.world.feedback.size("com.example.App")).toBe(1);
  });
});

describe("a refused frame", () => {
  const long = "7b7d".padEnd(2049 * 2, "20");
  it.each([
    ["empty device token and payload, command 2", v5, "080200000001"],
    ["empty device token and payload, command 1", v5b, "080200000001"],
    ["one byte of device token", v6, "080500000000"],
    ["31 bytes of device token", enhanced(9, "00".repeat(31)), "080500000009"],
    ["101 bytes of device token", enhanced(9, "00".repeat(101)), "080500000009"],
    ["an empty payload", enhanced(9, deviceToken, ""), "080400000009"],
    ["2049 bytes of payload", `01 00000009 00000000 ${token} 0801 ${long}`, "080700000009"],
    ["9000 bytes of payload", `01 00000009 00000000 ${token} 2328 ${long}`, "080700000009"],
    ["an unknown device token", enhanced(0x7c, unknown), "08080000007c"],
    ["an unknown device token, without identifier", `02 00000028 01 0020 ${unknown} 02 0002 7b7d`, "080800000000"],
    ["an item twice", `02 0000000e 03 0004 00000009 03 0004 00000009`, "088000000009"],
    ["an item that overruns its frame", "02 00000003 01 0020", "088000000000"],
    ["a frame of 4 GiB", "02 ffffffff", "088000000000"],
  ])("(%s) gets six bytes in one piece, then the end", async (_name, frame, response) => {
    const apple = await ready();
    const peer = await legacy(apple);
    peer.send(frame);
    expect(await peer.ended).toBe(response);
    expect(peer.chunks.length).toBe(1);
    expect(peer.error).toBeUndefined();
  });

  it("with a device token of another app, or of the other environment, gets status 8", async () => {
    const apple = await ready();
    apple.world.addApp({ bundleId: "com.example.Second", teamId: "TEAM123456" });
    apple.world.register("0a".repeat(32), { topic: "com.example.Second" });
    apple.world.register("0d".repeat(32), { environment: "development" });
    for (const other of ["0a", "0d"]) {
      const peer = await legacy(apple);
      peer.send(enhanced(3, other.repeat(32)));
      expect(await peer.ended).toBe("080800000003");
    }
    expect(apple.stats().binary.rejectedByReason).toEqual({ DeviceTokenNotForTopic: 1, BadDeviceToken: 1 });
  });

  it("hides everything behind it, and the six bytes survive a sender that writes on", async () => {
    const apple = await ready({ errorLingerMs: 100 });
    const peer = await legacy(apple);
    peer.send(enhanced(1) + enhanced(2, unknown) + enhanced(3) + enhanced(4, unknown));
    const more = setInterval(() => peer.socket.writable && peer.send(enhanced(5).repeat(200)), 2);
    expect(await peer.ended).toBe("080800000002");
    clearInterval(more);
    expect(apple.stats().binary).toMatchObject({ received: 2, accepted: 1, rejected: 1 });
    expect(apple.stats().binary.discarded).toBeGreaterThan(100);
    expect([...apple.received].map(({ identifier }) => identifier)).toEqual([1, 2]);
  });

  it("keeps the connection open for a while, as told", async () => {
    const apple = await ready({ errorLingerMs: 150 });
    const peer = await legacy(apple);
    const before = performance.now();
    peer.send(enhanced(1, unknown));
    await peer.ended;
    expect(performance.now() - before).toBeGreaterThan(145);
  });

  it("of command 0 gets no bytes, only the end", async () => {
    const apple = await ready();
    const peer = await legacy(apple);
    peer.send(`${v1} 00 0020 ${unknown} 0002 7b7d ${v1}`);
    expect(await peer.ended).toBe("");
    expect(apple.stats().binary).toMatchObject({ accepted: 1, rejected: 1, discarded: 1 });
  });

  it.each(["03", "ff", "47455420"])("that begins with %s gets no bytes, only the end", async (bytes) => {
    const apple = await ready();
    const peer = await legacy(apple);
    peer.send(v1 + bytes);
    expect(await peer.ended).toBe("");
    expect(apple.stats().binary).toMatchObject({ received: 1, accepted: 1 });
  });
});

describe("shutdownGateway", () => {
  it("names the last accepted identifier, and 0 if there was none", async () => {
    const apple = await ready();
    const [busy, idle] = await Promise.all([legacy(apple), legacy(apple)]);
    busy.send(enhanced(41) + enhanced(42));
    await until(() => apple.received.length === 2 && apple.stats().binary.connectionsOpen === 2);
    apple.shutdownGateway();
    expect(await busy.ended).toBe("080a0000002a");
    expect(await idle.ended).toBe("080a00000000");
    const next = await legacy(apple);
    next.send(enhanced(43) + barrier);
    expect(await next.ended).toBe(barrierAnswer);
  });
});

describe("the handshake", () => {
  it("is TLS 1.2 even with a client that could do more", async () => {
    const apple = await ready();
    expect((await legacy(apple)).socket.getProtocol()).toBe("TLSv1.2");
    expect((await legacy(apple, { service: "feedback" })).socket.getProtocol()).toBe("TLSv1.2");
  });

  it("takes other versions if told so", async () => {
    const modern = await ready({ legacyTls: { maxVersion: "TLSv1.3" } });
    expect((await legacy(modern)).socket.getProtocol()).toBe("TLSv1.3");
    const ciphers = "DEFAULT:@SECLEVEL=0";
    const old = await ready({ keyType: "rsa", legacyTls: { minVersion: "TLSv1", ciphers } });
    const peer = await legacy(old, { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers });
    expect(peer.socket.getProtocol()).toBe("TLSv1");
    peer.send(v2 + barrier);
    expect(await peer.ended).toBe(barrierAnswer);
  });

  it.each(["gateway.push.apple.com", "feedback.sandbox.push.apple.com", undefined])(
    "answers to the name %s",
    async (servername) => {
      const apple = await ready();
      const peer = await legacy(apple, servername === undefined ? { servername: "" } : { servername });
      expect(peer.socket.authorized).toBe(true);
    },
  );

  it.each([
    ["no certificate", async () => ({ cert: undefined, key: undefined })],
    ["another authority's certificate", async () => issue(await CertificateAuthority.create({ keyType: "ec" }))],
    [
      "an expired certificate",
      (apple: Simulator) => issue(apple.authority, { notBefore: new Date(0), notAfter: new Date(1e12) }),
    ],
  ])("with %s is cut off before it is complete, and nothing counts", async (_name, make) => {
    const apple = await ready();
    await expect(legacy(apple, (await make(apple)) as object)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(apple.stats().binary).toMatchObject({ connections: 0, received: 0 });
  });

  it.each(["gateway", "feedback"] as const)(
    "with a certificate of the other environment succeeds; then the %s closes without a byte",
    async (service) => {
      const apple = await ready();
      apple.world.feedback.add("com.example.App", deviceToken, 0);
      const peer = await legacy(apple, {
        service,
        ...(await issue(apple.authority, { environments: ["development"] })),
      });
      expect(peer.socket.authorized).toBe(true);
      peer.send(v2);
      expect(await peer.ended).toBe("");
      expect(peer.error).toBeUndefined();
      expect(apple.stats().binary.received).toBe(0);
    },
  );

  function issue(authority: CertificateAuthority, more = {}) {
    const app = { bundleId: "com.example.App", teamId: "TEAM123456" };
    return authority.issuePushCertificate({ ...app, environments: ["production", "development"], ...more });
  }
});

describe("the feedback service", () => {
  const f1 = `6553f100 ${token}`.replace(/\s/g, "");

  async function pollFeedback(apple: Simulator): Promise<LegacyPeer> {
    const peer = await legacy(apple, { service: "feedback" });
    await peer.ended;
    return peer;
  }

  it("sends whole tuples without being asked, then ends with close_notify; and clears the list", async () => {
    const apple = await ready();
    const peer = await legacy(apple);
    apple.world.register("fe".repeat(32));
    apple.world.unregister(deviceToken, 1_700_000_000_999);
    apple.world.unregister("fe".repeat(32), 0x80000001 * 1000);
    peer.send(v2 + v2 + enhanced(2, "fe".repeat(32)) + barrier);
    await peer.ended;
    expect((await pollFeedback(apple)).hex).toBe(`${f1}800000010020${"fe".repeat(32)}`);
    expect((await pollFeedback(apple)).hex).toBe("");
    expect(apple.stats().feedback).toMatchObject({ connections: 2, tuples: 2 });
  });

  it("leaves a gap between the last tuple and the end", async () => {
    const apple = await ready();
    apple.world.feedback.add("com.example.App", deviceToken, 1_700_000_000_000);
    const before = performance.now();
    const peer = await legacy(apple, { service: "feedback" });
    await peer.ended;
    expect(performance.now() - before).toBeGreaterThan(295);
    expect(peer.hex.length).toBe(76);
  });

  it("never cuts a tuple, however many there are", async () => {
    const apple = await ready();
    const tokens = Array.from({ length: 5000 }, (_, index) => index.toString(16).padStart(64, "0"));
    for (const each of tokens) apple.world.feedback.add("com.example.App", each, 1_700_000_000_000);
    const { chunks, hex } = await pollFeedback(apple);
    expect(hex.length / 2).toBe(5000 * 38);
    expect(hex.slice(0, 76)).toBe(`6553f1000020${tokens[0]}`);
    expect(hex.slice(-76)).toBe(`6553f1000020${tokens[4999]}`);
    for (const chunk of chunks) expect(chunk.length % 38).toBe(0);
  });

  it("tells each certificate its own app's alone", async () => {
    const apple = await ready();
    apple.world.feedback.add("com.example.Second", deviceToken, 1_700_000_000_000);
    expect((await pollFeedback(apple)).hex).toBe("");
    expect(apple.world.feedback.size("com.example.Second")).toBe(1);
  });

  it("forgets a device on which the app was installed again", async () => {
    const apple = await ready();
    apple.world.unregister(deviceToken);
    const peer = await legacy(apple);
    peer.send(v2 + barrier);
    await peer.ended;
    apple.world.register(deviceToken);
    expect((await pollFeedback(apple)).hex).toBe("");
  });
});
