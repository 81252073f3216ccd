// The life of connections: failures to connect, reconnecting, deadlines, aborts, close. Every send must settle, with the exact outcome.
import { createServer, type Socket } from "node:net";
import { testIdentities } from "@apns/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { BinaryTransport, type BinaryTransportOptions, type ConnectionEnded } from "../src/index.js";
import { connectTo, hello, pair, sendTogether, short, tokenOf, tokens } from "./helpers.js";
import { answer, faithful, listen, sixBytes, startRawGateway } from "./raw-gateway.js";

/** A TCP server with a script for each connection; closed with the test. */
async function tcpServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  const port = await listen(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return port;
}

describe("a gateway that cannot be reached", () => {
  test.each<[string, (socket: Socket) => void, RegExp]>([
    ["accepts and never says a word", () => {}, /no TLS handshake within 300 ms/],
    ["accepts and closes", (socket) => socket.end(), /closed during the handshake/],
    ["accepts and resets", (socket) => socket.resetAndDestroy(), /closed during the handshake/],
    ["speaks another protocol", (socket) => socket.end("220 mail.example.com ESMTP\r\n"), /does not speak TLS/],
  ])("%s: unsent after maxConnectFailures attempts", async (_, onConnection, message) => {
    const port = await tcpServer(onConnection);
    const transport = await connectTo(port, { connectTimeoutMs: 300, maxConnectFailures: 2 });
    const outcomes = await Promise.all(tokens(3).map((deviceToken) => transport.send(hello, deviceToken)));
    expect(outcomes.map(short)).toEqual(Array(3).fill("unsent CONNECT_FAILED 0"));
    for (const outcome of outcomes) expect(outcome.kind === "unsent" && outcome.cause.message).toMatch(message);
    expect(transport.stats()).toMatchObject({ connectFailures: 2, connectionsOpened: 2, unsent: 3, inFlight: 0 });
    await expect(transport.connect()).rejects.toMatchObject({ code: "ERR_APNS_CONNECT_FAILED" });
  });

  test("nobody listens: unsent, and the next send tries again", async () => {
    const port = await tcpServer(() => {});
    const free = await listen(
      createServer().on("listening", function (this: ReturnType<typeof createServer>) {
        setTimeout(() => this.close());
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(free).not.toBe(port);
    const transport = await connectTo(free, { maxConnectFailures: 2 });
    for (let round = 0; round < 2; round++) {
      const outcome = await transport.send(hello, tokenOf(1));
      expect(short(outcome)).toBe("unsent CONNECT_FAILED 0");
      expect(outcome.kind === "unsent" && outcome.cause.message).toContain("nobody listens there");
    }
    expect(transport.stats().connectFailures).toBe(3);
  });

  test("its certificate is not to be trusted: unsent at once, unless that is switched off by name", async () => {
    const script = faithful();
    const { gateway, transport } = await pair(script, { environment: { host: "127.0.0.1", port: 1 } });
    await transport.close();
    const environment = { host: "127.0.0.1", port: gateway.port };
    const wary = await connectTo(gateway.port, { environment });
    const outcome = await wary.send(hello, tokenOf(1));
    expect(short(outcome)).toBe("unsent CONNECT_FAILED 0");
    expect(outcome.kind === "unsent" && outcome.cause.message).toContain("environment.ca");
    expect(wary.stats().connectFailures).toBe(1);
    const reckless = await connectTo(gateway.port, { environment, dangerouslySkipServerVerification: true });
    expect(await sendTogether(reckless, tokens(1))).toEqual(["accepted 1"]);
  });

  test("its name is not the one asked for", async () => {
    const { gateway } = await pair(faithful());
    const { ca } = await testIdentities();
    const environment = { host: "127.0.0.1", port: gateway.port, ca, servername: "gateway.push.apple.com" };
    const transport = await connectTo(gateway.port, { environment });
    expect(short(await transport.send(hello, tokenOf(1)))).toBe("unsent CONNECT_FAILED 0");
  });

  test("closes right after the handshake, without an error response: recognised, explained, and nothing is lost", async () => {
    const events: ConnectionEnded[] = [];
    const { transport, gateway } = await pair(
      { opened: ({ socket }) => void socket.end() },
      { settleAfterConnectMs: 100, maxConnectFailures: 3, onConnectionEnded: (event) => void events.push(event) },
    );
    const outcomes = await Promise.all(tokens(5).map((deviceToken) => transport.send(hello, deviceToken)));
    expect(outcomes.map(short)).toEqual(Array(5).fill("unsent CONNECT_FAILED 0"));
    const [outcome] = outcomes;
    expect(outcome?.kind === "unsent" && outcome.cause.message).toMatch(
      /certificate of the other environment.* The certificate is for production and development and covers com\.example\.App \(app\)/,
    );
    expect(gateway.connections).toHaveLength(3);
    expect(events.map(({ ending, unknown }) => [ending, unknown])).toEqual(Array(3).fill(["lost", 0]));
  });

  test("speaks TLS 1.0 only: refused with the fix, and accepted with it", async () => {
    const gateway = await startRawGateway(faithful(), "TLSv1");
    onTestFinished(() => gateway.close());
    const modern = await connectTo(gateway.port, { maxConnectFailures: 1 });
    const outcome = await modern.send(hello, tokenOf(1));
    expect(outcome.kind === "unsent" && outcome.cause.message).toContain('minVersion: "TLSv1"');
    const old = await connectTo(gateway.port, { minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" });
    expect(await sendTogether(old, tokens(3))).toEqual(Array(3).fill("accepted 1"));
  });

  test("speaks TLS 1.3: refusals, barriers and resets are read all the same", async () => {
    for (const ending of ["fin", "rst"] as const) {
      const gateway = await startRawGateway(
        {
          frame: (frame, connection) => {
            if (frame.token === "") void answer(connection, sixBytes(2, frame.identifier), ending);
            else if (frame.token === tokenOf(7)) void answer(connection, sixBytes(8, frame.identifier), ending);
          },
        },
        "TLSv1.3",
      );
      onTestFinished(() => gateway.close());
      const transport = await connectTo(gateway.port);
      expect(await sendTogether(transport, tokens(12))).toEqual([
        ...Array(7).fill("accepted 1"),
        "rejected 8 1",
        ...Array(4).fill("accepted 2"),
      ]);
    }
  });

  test("recovers: what waited is sent", async () => {
    const script = faithful();
    const { gateway } = await pair(script);
    let attempts = 0;
    const port = await tcpServer((socket) => {
      if (++attempts < 3) return void socket.destroy();
      const onward = new (socket.constructor as typeof Socket)().connect(gateway.port, "127.0.0.1");
      onward.on("error", () => {});
      socket.pipe(onward).pipe(socket);
    });
    const transport = await connectTo(port);
    expect(await sendTogether(transport, tokens(4))).toEqual(Array(4).fill("accepted 1"));
    expect(transport.stats()).toMatchObject({ connectFailures: 2, connectionsOpened: 3 });
  });
});

describe("a gateway that stops working", () => {
  test("swallows everything, half-open: the barrier's deadline finds it", async () => {
    const { transport } = await pair({}, { barrierTimeoutMs: 50, confirmAfterIdleMs: 20 });
    const outcomes = await Promise.all(tokens(5).map((deviceToken) => transport.send(hello, deviceToken)));
    expect(outcomes.map(short)).toEqual(Array(5).fill("unconfirmed SILENCE 1"));
  });

  test("stops reading: what was written is unconfirmed after writeTimeoutMs, the rest goes to another connection", async () => {
    const later = faithful();
    const { transport } = await pair(
      {
        opened: ({ number, socket }) => void (number === 0 && socket.pause()),
        frame: (frame, connection) => {
          if (connection.number > 0) later.frame?.(frame, connection);
        },
      },
      { writeTimeoutMs: 100, reconnectEvery: 1_000_000, maxQueued: 100_000 },
    );
    const outcomes = await sendTogether(transport, tokens(80_000));
    const lost = outcomes.indexOf("accepted 1");
    expect(lost).toBeGreaterThan(100);
    expect(new Set(outcomes.slice(0, lost))).toEqual(new Set(["unconfirmed TIMEOUT 1"]));
    expect(new Set(outcomes.slice(lost))).toEqual(new Set(["accepted 1"]));
    expect(later.accepted).toHaveLength(80_000 - lost);
  });

  test("closes an idle connection: nothing is lost, and the next send opens another", async () => {
    const script = faithful();
    const { transport, gateway } = await pair(script);
    await transport.connect();
    await vi.waitFor(() => expect(gateway.connections).toHaveLength(1));
    gateway.connections[0]?.socket.end();
    await vi.waitFor(() => expect(transport.stats().connectionsOpen).toBe(0));
    expect(await sendTogether(transport, tokens(2))).toEqual(["accepted 1", "accepted 1"]);
    expect(script.accepted).toHaveLength(2);
  });

  test("refuses one after another: each is rejected, all others are accepted", async () => {
    const bad = new Map(tokens(40).flatMap((token, index) => (index % 3 === 0 ? [[token, 8] as const] : [])));
    const script = faithful(bad);
    const { transport } = await pair(script);
    const outcomes = await sendTogether(transport, tokens(40));
    expect(outcomes.map((outcome) => outcome.split(" ")[0])).toEqual(
      tokens(40).map((token) => (bad.has(token) ? "rejected" : "accepted")),
    );
    expect(script.accepted.map(({ token }) => token).sort()).toEqual(tokens(40).filter((token) => !bad.has(token)));
  });
});

describe("reconnecting", () => {
  test("every reconnectEvery sends, with the successor open before the barrier is answered", async () => {
    const script = faithful();
    const held: (() => void)[] = [];
    const { transport, gateway } = await pair(
      {
        frame: (frame, connection) => {
          if (frame.token !== "") script.frame?.(frame, connection);
          else held.push(() => void answer(connection, sixBytes(2, frame.identifier), "fin"));
        },
      },
      { reconnectEvery: 10 },
    );
    const sends = tokens(30).map((deviceToken) => transport.send(hello, deviceToken));
    // All thirty arrive although no barrier has been answered.
    await vi.waitFor(() => expect(script.accepted).toHaveLength(30));
    expect(gateway.connections.map(({ frames }) => frames.length)).toEqual(
      gateway.connections.map((_, index) => (index < 3 ? 11 : 0)),
    );
    expect(gateway.connections[1]?.frames.map(({ identifier }) => identifier)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
    await vi.waitFor(() => expect(held).toHaveLength(3));
    for (const release of held) release();
    expect((await Promise.all(sends)).map(short)).toEqual(Array(30).fill("accepted 1"));
  });

  test("never more than three connections wait for a barrier's answer", async () => {
    const script = faithful();
    const { transport, gateway } = await pair(
      { frame: (frame, connection) => void (frame.token !== "" && script.frame?.(frame, connection)) },
      { reconnectEvery: 5, barrierTimeoutMs: 60_000 },
    );
    const sends = tokens(40).map((deviceToken) => transport.send(hello, deviceToken));
    await vi.waitFor(() => expect(script.accepted).toHaveLength(15));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(script.accepted).toHaveLength(15);
    expect(gateway.connections.length).toBeLessThanOrEqual(4);
    await transport.close({ timeoutMs: 0 });
    expect((await Promise.all(sends)).map((outcome) => short(outcome).split(" ")[0])).toEqual([
      ...Array(15).fill("unconfirmed"),
      ...Array(25).fill("unsent"),
    ]);
  });

  test("the first connection is watched before it is used; its successor is used once the first has proved itself", async () => {
    const script = faithful();
    const { transport, gateway } = await pair(script, { settleAfterConnectMs: 400, reconnectEvery: 4 });
    const started = performance.now();
    const sends = tokens(8).map((deviceToken) => transport.send(hello, deviceToken));
    await vi.waitFor(() => expect(gateway.connections).toHaveLength(1));
    expect(script.accepted).toEqual([]);
    await transport.flush();
    expect((await Promise.all(sends)).map(short)).toEqual(Array(8).fill("accepted 1"));
    expect(gateway.connections[0]?.frames).toHaveLength(5);
    // No upper bound: a slow machine is no failure. But nothing may be written before the watch is over.
    expect(performance.now() - started).toBeGreaterThanOrEqual(390);
  });

  test("several connections write at the same time", async () => {
    const script = faithful();
    const { transport, gateway } = await pair(script, { maxConnections: 3, reconnectEvery: 100_000 });
    const outcomes = await sendTogether(transport, tokens(20_000));
    expect(outcomes.every((outcome) => outcome === "accepted 1")).toBe(true);
    expect(new Set(script.accepted.map(({ token }) => token)).size).toBe(20_000);
    expect(gateway.connections.length).toBeGreaterThan(1);
    expect(gateway.connections.length).toBeLessThanOrEqual(3);
  });

  test("a connection without notifications is closed after idleTimeoutMs", async () => {
    const { transport, gateway } = await pair(faithful(), { idleTimeoutMs: 40 });
    await transport.connect();
    expect(transport.stats().connectionsOpen).toBe(1);
    await vi.waitFor(() => expect(transport.stats().connectionsOpen).toBe(0));
    expect(gateway.connections).toHaveLength(1);
  });
});

describe("verdicts without a flush", () => {
  test("come after confirmAfterIdleMs without a send", async () => {
    const { transport } = await pair(faithful(), { confirmAfterIdleMs: 30 });
    expect(short(await transport.send(hello, tokenOf(1)))).toBe("accepted 1");
  });

  test("come within confirmWithinMs although sends go on", async () => {
    const { transport } = await pair(faithful(), { confirmAfterIdleMs: 5000, confirmWithinMs: 60 });
    const first = transport.send(hello, tokenOf(0));
    const trickle = setInterval(() => void transport.send(hello, tokenOf(1)), 5);
    onTestFinished(() => clearInterval(trickle));
    expect(short(await first)).toBe("accepted 1");
  });

  test("flush settles what was sent before it and leaves the later alone", async () => {
    const { transport, gateway } = await pair(faithful(), { confirmAfterIdleMs: 60_000, confirmWithinMs: 60_000 });
    const first = tokens(5).map((deviceToken) => transport.send(hello, deviceToken));
    const flushed = transport.flush();
    const later = transport.send(hello, tokenOf(9));
    await flushed;
    expect((await Promise.all(first)).map(short)).toEqual(Array(5).fill("accepted 1"));
    expect(gateway.connections[0]?.frames).toHaveLength(6);
    expect(transport.stats().inFlight).toBe(1);
    await transport.close();
    expect(short(await later)).toBe("accepted 1");
  });

  test("flush of nothing resolves at once", async () => {
    const { transport, gateway } = await pair(faithful());
    await transport.flush();
    expect(gateway.connections).toHaveLength(0);
  });

  test('with confirm: "silence", are none: unconfirmed after silenceMs, and refusals still count', async () => {
    const script = faithful(new Map([[tokenOf(3), 8]]));
    const { transport, gateway } = await pair(script, { confirm: "silence", silenceMs: 60 });
    expect(await sendTogether(transport, tokens(6))).toEqual([
      ...Array(3).fill("accepted 1"),
      "rejected 8 1",
      ...Array(2).fill("unconfirmed SILENCE 2"),
    ]);
    expect(gateway.connections.flatMap(({ frames }) => frames).filter(({ token }) => token === "")).toEqual([]);
  });

  test('with confirm: "silence", the window holds sends back instead of forgetting', async () => {
    const script = faithful();
    const { transport } = await pair(script, { confirm: "silence", silenceMs: 80, sentWindow: 4 });
    const sends = tokens(8).map((deviceToken) => transport.send(hello, deviceToken));
    await vi.waitFor(() => expect(script.accepted).toHaveLength(4));
    expect(transport.stats()).toMatchObject({ inFlight: 8, queued: 4 });
    expect((await Promise.all(sends)).map(short)).toEqual(Array(8).fill("unconfirmed SILENCE 1"));
    expect(script.accepted).toHaveLength(8);
  });
});

describe("giving up on sends", () => {
  test("a deadline makes the unwritten unsent, and the written unconfirmed", async () => {
    const port = await tcpServer(() => {});
    const waiting = await connectTo(port);
    expect(short(await waiting.send(hello, tokenOf(1), { timeoutMs: 30 }))).toBe("unsent TIMEOUT 0");
    const { transport } = await pair({}, { timeoutMs: 40 });
    // Or the deadline could pass before there is a connection to write to.
    await transport.connect();
    expect(short(await transport.send(hello, tokenOf(1)))).toBe("unconfirmed TIMEOUT 1");
    expect(short(await transport.send(hello, tokenOf(1), { timeoutMs: 20 }))).toBe("unconfirmed TIMEOUT 1");
  });

  test("an abort does the same, and is not sent again", async () => {
    const later = faithful();
    const controller = new AbortController();
    const { transport } = await pair({
      frame: (frame, connection) => {
        if (connection.number > 0) return later.frame?.(frame, connection);
        if (frame.index < 4) return;
        controller.abort();
        void answer(connection, sixBytes(8, 1), "fin");
      },
    });
    const sends = tokens(5).map((deviceToken, index) =>
      transport.send(hello, deviceToken, index === 2 ? { signal: controller.signal } : {}),
    );
    await transport.flush();
    expect((await Promise.all(sends)).map(short)).toEqual([
      "rejected 8 1",
      "accepted 2",
      "unconfirmed ABORTED 1",
      "accepted 2",
      "accepted 2",
    ]);
    expect(later.accepted.map(({ token }) => token)).toEqual([tokenOf(1), tokenOf(3), tokenOf(4)]);
  });

  test("an abort after the verdict touches none of the sends that come later", async () => {
    const far = faithful();
    const { transport } = await pair(far);
    const controllers = tokens(50).map(() => new AbortController());
    const first = controllers.map(({ signal }, index) => transport.send(hello, tokenOf(index), { signal }));
    await transport.flush();
    for (const outcome of await Promise.all(first)) expect(short(outcome)).toBe("accepted 1");
    const later = tokens(100).map((deviceToken) => transport.send(hello, deviceToken));
    for (const controller of controllers) controller.abort();
    await transport.flush();
    const outcomes = await Promise.all(later);
    expect(outcomes.map(({ deviceToken }) => deviceToken)).toEqual(tokens(100));
    for (const outcome of outcomes) expect(short(outcome)).toBe("accepted 1");
    expect(transport.stats()).toMatchObject({ inFlight: 0, accepted: 150 });
  });

  test("one signal for thousands aborts them all while they wait", async () => {
    const transport = await connectTo(await tcpServer(() => {}));
    const controller = new AbortController();
    const sends = tokens(5000).map((deviceToken) => transport.send(hello, deviceToken, { signal: controller.signal }));
    controller.abort();
    expect(new Set((await Promise.all(sends)).map(short))).toEqual(new Set(["unsent ABORTED 0"]));
  });

  test("a full queue makes the next unsent at once", async () => {
    const transport = await connectTo(await tcpServer(() => {}), { maxQueued: 2 });
    const [first, , third] = tokens(3).map((deviceToken) => transport.send(hello, deviceToken));
    expect(short(await third!)).toBe("unsent QUEUE_FULL 0");
    await transport.close({ timeoutMs: 10 });
    expect(short(await first!)).toBe("unsent TIMEOUT 0");
  });

  test.each<[string, Partial<BinaryTransportOptions>]>([
    ["the barrier's", { barrierTimeoutMs: 500 }],
    ["the notification's", { timeoutMs: 500, confirmAfterIdleMs: 10 }],
    ["the connection's", { writeTimeoutMs: 500, idleTimeoutMs: 500 }],
  ])("a process that was busy does not take its own delay for the gateway's: %s time", async (_, options) => {
    const { transport } = await pair(
      {
        frame: ({ token, identifier }, { socket }) => {
          if (token !== "") return;
          socket.write(Buffer.from(sixBytes(2, identifier), "hex"));
          // The answer is in the kernel; this process does not read it before every deadline has passed.
          const end = performance.now() + 700;
          while (performance.now() < end);
        },
      },
      options,
    );
    await transport.connect();
    const sending = transport.send(hello, tokenOf(1));
    await transport.flush();
    expect(short(await sending)).toBe("accepted 1");
  });

  test("a send given up in the queue takes no place in it", async () => {
    const transport = await connectTo(await tcpServer(() => {}), { maxQueued: 5000 });
    const first = transport.send(hello, tokenOf(0));
    for (let round = 0; round < 3; round++) {
      const controller = new AbortController();
      const sends = tokens(4999).map((token) => transport.send(hello, token, { signal: controller.signal }));
      controller.abort();
      for (const outcome of await Promise.all(sends)) expect(short(outcome)).toBe("unsent ABORTED 0");
      expect(transport.stats()).toMatchObject({ queued: 1, inFlight: 1 });
    }
    const late = tokens(5000).map((token) => transport.send(hello, token, { timeoutMs: 50 }));
    expect(short(await late[4999]!)).toBe("unsent QUEUE_FULL 0");
    for (const outcome of (await Promise.all(late)).slice(0, 4999)) expect(short(outcome)).toBe("unsent TIMEOUT 0");
    const last = transport.send(hello, tokenOf(1));
    await transport.close({ timeoutMs: 10 });
    expect([short(await first), short(await last)]).toEqual(["unsent TIMEOUT 0", "unsent TIMEOUT 0"]);
  });

  test("close drains; what has no verdict in time is unconfirmed or unsent", async () => {
    const { transport } = await pair({ frame: () => {} }, { reconnectEvery: 3, barrierTimeoutMs: 60_000 });
    const sends = tokens(20).map((deviceToken) => transport.send(hello, deviceToken));
    // However long it takes to open them: what is written then stays without a verdict.
    while (transport.stats().queued > 11) await new Promise((resolve) => setTimeout(resolve, 5));
    await transport.close({ timeoutMs: 80 });
    const outcomes = (await Promise.all(sends)).map(short);
    // Three windows were written; no more connections may wait for barriers.
    expect(outcomes).toEqual([...Array(9).fill("unconfirmed TIMEOUT 1"), ...Array(11).fill("unsent TIMEOUT 0")]);
    await expect(transport.send(hello, tokenOf(1))).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
    await expect(transport.connect()).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
  });

  test("a second close with less time shortens the first; more changes nothing", async () => {
    const { gateway, transport } = await pair({ frame: () => {} }, { barrierTimeoutMs: 60_000 });
    const sending = transport.send(hello, tokenOf(0));
    const closing = transport.close({ timeoutMs: 60_000 });
    while ((gateway.connections[0]?.frames.length ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([closing, transport.close({ timeoutMs: 0 }), transport.close({ timeoutMs: 60_000 })]);
    expect(short(await sending)).toBe("unconfirmed TIMEOUT 1");
  });

  test("close during the handshake ends at once", async () => {
    const transport = await connectTo(await tcpServer(() => {}));
    const connecting = transport.connect();
    await transport.close();
    await expect(connecting).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
  });
});

test("the constructor opens nothing, and `await using` closes", async () => {
  const { ca, client } = await testIdentities();
  let seen = 0;
  const port = await tcpServer(() => void seen++);
  const transport = new BinaryTransport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "certificate", ...client },
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await transport[Symbol.asyncDispose]();
  expect(seen).toBe(0);
});
