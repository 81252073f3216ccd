import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { type ReceivedQuery, type SimulatorOptions, startSimulator } from "../src/index.ts";
import { deviceToken, enhanced, http2, legacy, start, until } from "./peers.ts";

const barrier = "01 0000ffff 00000000 0000 0000";

describe("starting", () => {
  it("gives endpoints and credentials that fit together", async () => {
    const apple = await start({ bundleId: "com.example.Mine", teamId: "MYTEAM0000", keyId: "MYKEY00000" });
    expect(apple.http2).toEqual({
      host: "127.0.0.1",
      port: expect.any(Number),
      ca: apple.credentials.ca,
      servername: "localhost",
    });
    expect(new Set([apple.http2, apple.channels, apple.gateway, apple.feedback].map(({ port }) => port)).size).toBe(4);
    expect(apple.credentials).toMatchObject({
      bundleId: "com.example.Mine",
      topic: "com.example.Mine",
      teamId: "MYTEAM0000",
      keyId: "MYKEY00000",
      signingKey: expect.stringMatching(/^-----BEGIN PRIVATE KEY-----/),
    });
    apple.world.register(deviceToken);
    expect((await (await http2(apple)).push()).status).toBe(200);
  });

  it("takes fixed ports, and frees them", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    for (let round = 0; round < 2; round++) {
      const apple = await startSimulator({ ports: { gateway: port } });
      expect(apple.gateway.port).toBe(port);
      await apple.close();
    }
  });

  it.each([0, 20])("says which port is in use, and leaves nothing behind (latencyMs %i)", async (latencyMs) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    await expect(startSimulator({ ports: { feedback: port }, latencyMs })).rejects.toMatchObject({
      code: "ERR_APNS_LISTEN",
      message: `the simulator's feedback service: port ${port} of 127.0.0.1 is in use; stop what listens there, or choose another port (0 takes any free one).`,
    });
    await new Promise((resolve) => other.close(resolve));
  });

  it.each<[string, SimulatorOptions]>([
    ["bundleId", { bundleId: "" }],
    ["environment", { environment: "sandbox" as "production" }],
    ["ports.http2", { ports: { http2: 70_000 } }],
    ["latencyMs", { latencyMs: -1 }],
    ["maxConnections", { maxConnections: 0 }],
    ["host", { host: "example.com" }],
    ["maxReceived", { maxReceived: 1.5 }],
    ["unknownDeviceTokens", { unknownDeviceTokens: "ignore" as "accept" }],
    ["legacyTls.minVersion", { legacyTls: { minVersion: "SSLv3" as "TLSv1" } }],
    ["keyType", { keyType: "dsa" as "ec" }],
    ["seed", { seed: -1 }],
  ])("names the wrong option %s", async (field, options) => {
    await expect(startSimulator(options)).rejects.toMatchObject({ code: "ERR_APNS_INVALID_ARGUMENT", field });
  });

  it("works with RSA keys as with EC ones", async () => {
    const apple = await start({ keyType: "rsa" });
    apple.world.register(deviceToken);
    expect((await (await http2(apple, apple.credentials.tls)).push()).status).toBe(200);
    const peer = await legacy(apple);
    peer.send(enhanced(1) + barrier);
    expect(await peer.ended).toBe("08020000ffff");
  });
});

describe("maxConnections", () => {
  it.each([0, 10])("ends what comes above that, until there is room again (latencyMs %i)", async (latencyMs) => {
    const apple = await start({ maxConnections: 2, latencyMs });
    apple.world.register(deviceToken);
    const [first, second] = [await http2(apple), await http2(apple)];
    const third = connect(apple.http2.port, apple.http2.host).on("error", () => {});
    await once(third.resume(), "close");
    expect(apple.stats().http2.connections).toBe(2);
    await legacy(apple); // Another port.
    first!.session.destroy();
    // Over a network the end of the first one takes its time to come.
    await until(async () => {
      const next = await http2(apple).catch(() => undefined);
      return (await next?.push())?.status === 200;
    });
    expect((await second!.push()).status).toBe(200);
  });
});

describe("closing", () => {
  it("ends every connection, timer and listener, at whatever stage they are", async () => {
    const handles = () => process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout/.test(kind)).length;
    const before = handles();
    for (const latencyMs of [0, 10]) {
      const apple = await startSimulator({ latencyMs });
      apple.world.register(deviceToken);
      const peer = await http2(apple);
      await peer.push();
      const talking = await legacy(apple);
      talking.send(enhanced(1));
      const failing = await legacy(apple);
      failing.send(enhanced(2, "ab".repeat(32)));
      await failing.read(6);
      const handshaking = connect(apple.gateway.port, apple.gateway.host).on("error", () => {});
      await once(handshaking, "connect");
      await apple.close();
      await apple.close();
      peer.session.destroy();
      for (const socket of [talking.socket, failing.socket, handshaking]) socket.destroy();
      expect(apple.stats()).toMatchObject({ http2: { connections: 1 }, binary: { connections: 2 } });
    }
    await until(() => handles() <= before);
  });

  it("is what `await using` does", async () => {
    const apple = await startSimulator();
    await apple[Symbol.asyncDispose]();
    const socket = connect(apple.http2.port, apple.http2.host);
    await expect(once(socket, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("received", () => {
  it("keeps the newest, counts all, and tells every one", async () => {
    const told: string[] = [];
    const apple = await start({ maxReceived: 3, onReceived: ({ deviceToken: token }) => told.push(token) });
    const tokens = Array.from({ length: 10 }, (_, index) => index.toString(16).padStart(64, "0"));
    apple.world.register(tokens);
    const peer = await http2(apple);
    for (const token of tokens) await peer.push({ token });
    expect(told).toEqual(tokens);
    expect(apple.received.length).toBe(3);
    expect([...apple.received].map(({ deviceToken: token }) => token)).toEqual(tokens.slice(7));
    expect(apple.received.at(-1)?.deviceToken).toBe(tokens[9]);
    expect(apple.received.at(0)?.deviceToken).toBe(tokens[7]);
    expect([apple.received.at(3), apple.received.at(-4)]).toEqual([undefined, undefined]);
    expect(apple.received.for(tokens[8]!.toUpperCase())).toHaveLength(1);
    expect(apple.stats().http2).toMatchObject({ received: 10, accepted: 10 });
    apple.received.clear();
    expect([...apple.received]).toEqual([]);
    await peer.push({ token: tokens[0]! });
    expect(apple.received.length).toBe(1);
  });

  it("is queried by device token, topic, wire and verdict", async () => {
    const apple = await start({ errorLingerMs: 0 });
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    await peer.push({ headers: { "apns-topic": "com.example.App.voip", "apns-push-type": "voip" } });
    await peer.push({ token: "ab".repeat(32) });
    const old = await legacy(apple);
    old.send(enhanced(1) + barrier);
    await old.ended;
    const found = (query: ReceivedQuery) =>
      apple.received.query(query).map(({ wire, verdict }) => `${wire} ${verdict.kind}`);
    expect(found({ deviceToken: deviceToken.toUpperCase() })).toEqual(["http2 accepted", "binary accepted"]);
    expect(found({ topic: "com.example.App.voip" })).toEqual(["http2 accepted"]);
    expect(found({ topic: "com.example.App", verdict: "rejected" })).toEqual(["http2 rejected", "binary rejected"]);
    expect(found({ wire: "binary" })).toEqual(["binary accepted", "binary rejected"]);
    expect(found({ channelId: "AAAA" })).toEqual([]);
    expect(found({})).toHaveLength(4);
  });

  it("is read while it grows, to the simulator's end", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    await peer.push({ body: "1" });
    const payloads: string[] = [];
    const reading = (async () => {
      for await (const { payload } of apple.received) payloads.push(payload);
    })();
    await peer.push({ body: "2" });
    await apple.close();
    await reading;
    expect(payloads).toEqual(["1", "2"]);
  });

  it("shows both wires one world", async () => {
    const apple = await start({ errorLingerMs: 0 });
    apple.world.register(deviceToken);
    const modern = await http2(apple);
    const over = async () => {
      const old = await legacy(apple);
      old.send(enhanced(1) + barrier);
      return [(await modern.push()).status, await old.ended];
    };
    expect(await over()).toEqual([200, "08020000ffff"]);
    apple.world.unregister(deviceToken);
    expect(await over()).toEqual([410, "08020000ffff"]);
    apple.world.forget(deviceToken);
    expect(await over()).toEqual([400, "080800000001"]);
    apple.world.unknownDeviceTokens = "accept";
    expect(await over()).toEqual([200, "08020000ffff"]);
  });
});

describe("latencyMs", () => {
  it("delays handshakes and answers of both wires, in order and whole", async () => {
    const apple = await start({ latencyMs: 60, errorLingerMs: 0 });
    apple.world.register(deviceToken);
    const timed = async <T>(what: Promise<T>): Promise<[number, T]> => {
      const before = performance.now();
      const result = await what;
      return [performance.now() - before, result];
    };
    const [connectMs, modern] = await timed(http2(apple));
    expect(connectMs).toBeGreaterThan(115); // TCP and TLS 1.3: two round trips.
    const [pushMs] = await timed(modern.push());
    expect(pushMs).toBeGreaterThan(55);

    const [legacyMs, old] = await timed(legacy(apple));
    expect(legacyMs).toBeGreaterThan(170); // TCP and TLS 1.2: three.
    old.send(Array.from({ length: 5000 }, (_, index) => enhanced(index + 1)).join("") + barrier);
    const [barrierMs, response] = await timed(old.ended);
    expect(response).toBe("08020000ffff");
    expect(barrierMs).toBeGreaterThan(55);
    expect([...apple.received].filter(({ wire }) => wire === "binary").map(({ identifier }) => identifier)).toEqual([
      ...Array.from({ length: 5000 }, (_, index) => index + 1),
      0xffff,
    ]);
  });

  it("passes resets on", async () => {
    const apple = await start({ latencyMs: 20 });
    apple.world.register(deviceToken);
    apple.faults.add({ type: "cut", how: "rst" });
    const peer = await legacy(apple);
    peer.send(enhanced(1));
    await peer.ended;
    expect(peer.error?.code).toBe("ECONNRESET");
  });
});
