// Faults of connections as such, and those that are so for as long as they are on.
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { FakeClock } from "@apns/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Fault, Simulator, SimulatorOptions } from "../src/index.ts";
import { deviceToken, enhanced, http2, legacy, providerToken, sleep, start, until } from "./peers.ts";

const barrier = "01 0000ffff 00000000 0000 0000";

async function broken(fault: Fault, options: SimulatorOptions = {}): Promise<Simulator> {
  const apple = await start({ errorLingerMs: 0, ...options });
  apple.world.register(deviceToken);
  apple.faults.add(fault);
  return apple;
}

function tcp(apple: Simulator, service: "http2" | "gateway" = "http2"): Socket {
  const socket = connectTcp(apple[service].port, apple[service].host);
  onTestFinished(() => void socket.destroy());
  return socket;
}

const ofConnecting = async (socket: Socket): Promise<string> => {
  try {
    await once(socket, "connect");
    return "connected";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
};

describe.each([0, 10])("refuseConnections (latencyMs %i)", (latencyMs) => {
  it("is ECONNREFUSED for new connections, while it is on", async () => {
    const apple = await start({ latencyMs });
    apple.world.register(deviceToken);
    const before = await http2(apple);
    const refusing = apple.faults.add({ type: "refuseConnections" });
    expect(await ofConnecting(tcp(apple))).toBe("ECONNREFUSED");
    expect(await ofConnecting(tcp(apple, "gateway"))).toBe("ECONNREFUSED");
    expect((await before.push()).status).toBe(200);
    refusing.remove();
    await until(async () => (await ofConnecting(tcp(apple))) === "connected");
    expect((await (await http2(apple)).push()).status).toBe(200);
  });

  it("can be for one wire alone, and does not keep the simulator from ending", async () => {
    const apple = await broken({ type: "refuseConnections", wire: "binary" }, { latencyMs });
    expect(await ofConnecting(tcp(apple, "gateway"))).toBe("ECONNREFUSED");
    expect((await (await http2(apple)).push()).status).toBe(200);
    await apple.close();
    expect(await ofConnecting(tcp(apple, "gateway"))).toBe("ECONNREFUSED");
  });
});

describe("dropConnection", () => {
  it.each([
    ["rst", "ECONNRESET"],
    ["fin", undefined],
  ] as const)("by %s: accepted, and ended before TLS", async (how, code) => {
    const apple = await broken({ type: "dropConnection", how, after: 1, times: 1 });
    expect((await (await http2(apple)).push()).status).toBe(200);
    const socket = tcp(apple);
    let error: NodeJS.ErrnoException | undefined;
    socket.on("error", (cause) => {
      error = cause;
    });
    socket.resume();
    await once(socket, "close").catch(() => {});
    expect(error?.code).toBe(code);
    expect((await (await http2(apple)).push()).status).toBe(200);
  });
});

describe("tlsAlert", () => {
  it.each([
    [undefined, /certificate unknown/],
    [40, /handshake failure/],
  ])("%s ends the handshake with it", async (alert, message) => {
    const apple = await broken({ type: "tlsAlert", ...(alert === undefined ? {} : { alert }) });
    for (const service of ["http2", "gateway"] as const) {
      const { host, port, ca } = apple[service];
      const socket = connectTls({ host, port, ca: ca as string, servername: "localhost", ALPNProtocols: ["h2"] });
      await expect(once(socket, "secureConnect")).rejects.toThrow(message);
    }
  });
});

describe("serverCertificate", () => {
  it.each([
    ["expired", "CERT_HAS_EXPIRED"],
    ["untrusted", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["otherName", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ] as const)("%s: no client should take it", async (is, code) => {
    const apple = await broken({ type: "serverCertificate", is, times: 3 });
    for (const service of ["http2", "gateway"] as const) {
      const { host, port, ca } = apple[service];
      const { tls } = apple.credentials;
      const socket = connectTls({
        host,
        port,
        ca: ca as string,
        servername: "localhost",
        ALPNProtocols: ["h2"],
        ...tls,
      });
      await expect(once(socket, "secureConnect")).rejects.toMatchObject({ code });
    }
    // Who does not look is served.
    const careless = await legacy(apple, { rejectUnauthorized: false });
    expect(careless.socket.authorized).toBe(false);
    careless.send(enhanced(1) + barrier);
    expect(await careless.ended).toBe("08020000ffff");
    expect((await (await http2(apple)).push()).status).toBe(200);
  });
});

describe("link", () => {
  const payloads = 40;
  const bytes = 2000;

  it("lets through so many bytes per second towards the simulator, in order and whole", async () => {
    const apple = await broken({ type: "link", uploadBytesPerSecond: 200_000, wire: "binary", times: 1 });
    const took = async (): Promise<number> => {
      const peer = await legacy(apple);
      const from = performance.now();
      const frame = (index: number) => enhanced(index + 1, deviceToken, "x".repeat(bytes));
      peer.send(Array.from({ length: payloads }, (_, index) => frame(index)).join("") + barrier);
      expect(await peer.ended).toBe("08020000ffff");
      return performance.now() - from;
    };
    const narrow = await took();
    // 80 kB at 200 kB/s; the first tick is free.
    expect(narrow).toBeGreaterThan(300);
    expect(apple.faults.active[0]!.fired).toBe(1);
    await took();
    expect(apple.stats().binary.accepted).toBe(2 * payloads);
  });

  it("and towards the sender, byte by byte if need be", async () => {
    const apple = await broken({ type: "link", downloadBytesPerSecond: 20_000, latencyMs: 40, wire: "http2" });
    const from = performance.now();
    const peer = await http2(apple);
    expect((await peer.push()).status).toBe(200);
    // The server's certificate alone is more than a kilobyte, and there are three round trips.
    expect(performance.now() - from).toBeGreaterThan(120);
  });

  it("holds bytes back by a time that varies, and nothing overtakes", async () => {
    const apple = await broken({ type: "link", jitterMs: 20, wire: "binary" });
    const peer = await legacy(apple);
    for (let index = 1; index <= 30; index++) {
      peer.send(enhanced(index));
      await sleep(1);
    }
    peer.send(barrier);
    expect(await peer.ended).toBe("08020000ffff");
    expect([...apple.received].slice(0, -1).map(({ identifier }) => identifier)).toEqual(
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
  });

  it("passes the end of connections on, and ends with the simulator", async () => {
    const apple = await broken({ type: "link", latencyMs: 5 });
    apple.faults.add({ type: "cut", how: "rst" });
    const peer = await legacy(apple);
    peer.send(enhanced(1));
    await peer.ended;
    expect(peer.error?.code).toBe("ECONNRESET");
    await legacy(apple);
  });

  it("comes together with other faults of the connection", async () => {
    const apple = await broken({ type: "link", latencyMs: 5 });
    apple.faults.add({ type: "dropConnection", how: "rst" });
    const socket = tcp(apple);
    await expect(once(socket, "end")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(apple.faults.active.map(({ fired }) => fired)).toEqual([1, 1]);
  });
});

describe("clockSkew", () => {
  it("judges provider tokens by a clock that is wrong, until it is removed", async () => {
    const clock = new FakeClock(Date.now());
    const apple = await start({ clock });
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    const ahead = apple.faults.add({ type: "clockSkew", ms: 2 * 3_600_000 });
    expect((await peer.push()).reason).toBe("ExpiredProviderToken");
    apple.faults.add({ type: "clockSkew", ms: -4 * 3_600_000 });
    expect((await peer.push()).reason).toBe("ExpiredProviderToken".replace("Expired", "Invalid"));
    expect(apple.received.at(-1)?.receivedAt).toBe(clock.now() - 2 * 3_600_000);
    ahead.remove();
    apple.faults.clear();
    expect((await peer.push({ headers: { authorization: providerToken(apple) } })).status).toBe(200);
  });
});

describe("stopReading", () => {
  it("for good fills the sender's window", async () => {
    const apple = await broken({ type: "stopReading" });
    const { socket } = await legacy(apple);
    const chunk = Buffer.from(enhanced(1), "hex");
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => chunk));
    for (let round = 0; round < 20; round++) socket.write(many);
    await until(() => apple.faults.active[0]!.fired >= 1);
    const drained = await Promise.race([once(socket, "drain"), sleep(300).then(() => "full")]);
    expect(drained).toBe("full");
    expect(socket.writableLength).toBeGreaterThan(1_000_000);
  });
});
