// The pool and the health of its connections: growth, spreading, shrinking, replacing, and never a storm.
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type Setting, SettingId } from "@apns/h2";
import { contractTokens, testIdentities } from "@apns/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { perform } from "../src/api-request.js";
import { alert, Http2Transport, type Http2TransportOptions } from "../src/index.js";
import { resolveHttp2ClientOptions } from "../src/options.js";
import { openService } from "../src/service.js";
import { accept, refuse, ScriptedServer, type ScriptedServerOptions } from "./apns-server.js";
import { acceptAll, RawPeer, type RawScript } from "./raw-peer.js";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const auth = { type: "token", key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" } as const;
const hello = alert({ topic: "com.example.App", aps: { alert: "Hi" } });
const { good } = contractTokens;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(options: ScriptedServerOptions): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(options);
  cleanUps.push(() => server.close());
  return server;
}

async function peerOf(script: RawScript): Promise<RawPeer> {
  const peer = await RawPeer.start(script, { requestCert: false });
  cleanUps.push(() => peer.close());
  return peer;
}

function connectTo(environment: Http2TransportOptions["environment"], more: Partial<Http2TransportOptions> = {}) {
  const transport = new Http2Transport({ environment, auth, ...more });
  cleanUps.push(() => transport.close({ timeoutMs: 100 }));
  return transport;
}

const sendMany = (transport: Http2Transport, count: number, notification = hello) =>
  Array.from({ length: count }, (_, index) => transport.send(notification, good(index)));
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(5);
}

describe("the pool", () => {
  test("grows when all streams are taken, spreads over what it has, and shrinks when it is idle", async () => {
    const server = await serve({
      maxConcurrentStreams: 10,
      onRequest: (request) => setTimeout(accept, 20, request),
    });
    const transport = connectTo(server.endpoint, { maxConnections: 3, idleTimeoutMs: 200 });
    await Promise.all(sendMany(transport, 300));
    expect(transport.stats()).toMatchObject({ connectionsOpen: 3, streamsAllowed: 30 });
    const share = [0, 1, 2].map((index) => server.requests.filter(({ connection }) => connection === index).length);
    for (const requests of share) expect(requests).toBeGreaterThan(40);
    // The last one stays: APNs dislikes reconnecting.
    await until(() => transport.stats().connectionsOpen === 1);
    await wait(300);
    expect(transport.stats()).toMatchObject({ connectionsOpen: 1, connectionsOpened: 3, reconnects: 2 });
    expect((await transport.send(hello, good(1))).kind).toBe("accepted");
    expect(transport.stats().connectionsOpened).toBe(3);
  });

  test("does not grow for requests that the first connection will take once it is proven", async () => {
    const server = await serve({ onRequest: (request) => setTimeout(accept, 30, request) });
    const transport = connectTo(server.endpoint, { maxConnections: 4 });
    await Promise.all(sendMany(transport, 500));
    expect(transport.stats().connectionsOpened).toBe(1);
  });

  test("resumes the TLS session where the server allows it", async () => {
    const peer = await peerOf(async (connection) => {
      connection.settings();
      await connection.received(1);
      connection.answer(1);
      if (connection.index === 0) connection.goAway(1);
    });
    const transport = connectTo(peer.endpoint);
    for (const index of [0, 1]) expect((await transport.send(hello, good(index))).kind).toBe("accepted");
    expect(peer.connections.map(({ resumed }) => resumed)).toEqual([false, true]);
  });
});

describe("a TLS session", () => {
  test("that the server cannot resume is not offered for ever", async () => {
    const peer = await peerOf(async (connection) => {
      if (connection.resumed) {
        connection.cut();
        return;
      }
      void acceptAll(connection);
      await connection.received(1);
      connection.goAway(1);
    });
    const transport = connectTo(peer.endpoint, { timeoutMs: 5_000 });
    for (const index of [0, 1]) expect((await transport.send(hello, good(index))).kind).toBe("accepted");
    expect(peer.connections.map(({ resumed }) => resumed)).toEqual([false, true, false]);
  });
});

describe("many at once", () => {
  /** With a certificate all streams are there at once. */
  async function transportTo(script: RawScript): Promise<Http2Transport> {
    const { client } = await testIdentities();
    const peer = await RawPeer.start(script);
    cleanUps.push(() => peer.close());
    return connectTo(peer.endpoint, { auth: { type: "certificate", ...client }, maxConnections: 1 });
  }

  test("may be refused unprocessed, as when APNs lowers its limit, and none is unconfirmed", async () => {
    const attempts = new Map<string, number>();
    const transport = await transportTo((connection) => {
      connection.settings([[SettingId.MAX_CONCURRENT_STREAMS, 1000]]);
      connection.window(0, 10_000_000);
      connection.socket.on("progress", () => {
        connection.socket.cork();
        for (const { streamId, path, complete } of connection.requests.splice(0)) {
          if (!complete) {
            connection.requests.push({ streamId, path, complete, bodyBytes: 0 });
            continue;
          }
          const attempt = (attempts.get(path) ?? 0) + 1;
          attempts.set(path, attempt);
          // One in a hundred is answered at once: the connection is one that works.
          if (attempt <= 2 && streamId % 100 !== 1) connection.resetStream(streamId, 7);
          else connection.answer(streamId);
        }
        connection.socket.uncork();
      });
    });
    const outcomes = await Promise.all(sendMany(transport, 2000));
    expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(2000);
    expect(outcomes.filter(({ attempts }) => attempts === 3).length).toBeGreaterThan(1900);
    expect(transport.stats().connectionsOpened).toBe(1);
  });

  test("may be given up and answered later, and the connection serves on", async () => {
    const late: number[] = [];
    let isLate = true;
    let answerLate = (): void => {};
    const transport = await transportTo((connection) => {
      connection.settings([[SettingId.MAX_CONCURRENT_STREAMS, 500]]);
      connection.window(0, 10_000_000);
      answerLate = () => {
        isLate = false;
        connection.socket.cork();
        for (const streamId of late) connection.answer(streamId, 400, "BadDeviceToken");
        connection.socket.uncork();
      };
      connection.socket.on("progress", () => {
        for (const { streamId, path, complete } of connection.requests.splice(0)) {
          if (!complete) connection.requests.push({ streamId, path, complete, bodyBytes: 0 });
          else if (isLate) late.push(streamId);
          else connection.answer(streamId);
        }
      });
    });
    for (let round = 1; round <= 20; round++) {
      const controller = new AbortController();
      const sends = Array.from({ length: 500 }, (_, index) =>
        transport.send(hello, good(index), { signal: controller.signal }),
      );
      await until(() => late.length === round * 500);
      controller.abort();
      for (const outcome of await Promise.all(sends)) expect(outcome.kind).toBe("unconfirmed");
    }
    answerLate();
    const outcomes = await Promise.all(sendMany(transport, 1000));
    expect(outcomes.filter(({ kind, attempts }) => kind === "accepted" && attempts === 1)).toHaveLength(1000);
    expect(transport.stats().connectionsOpened).toBe(1);
  });
});

describe("never a storm", () => {
  test("against a server that accepts one and says GOAWAY, again and again", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    const peer = await peerOf(async (connection) => {
      connection.settings();
      await connection.received(1);
      connection.answer(1);
      connection.goAway(1);
    });
    const transport = connectTo(peer.endpoint);
    const outcomes = await Promise.all(sendMany(transport, 20));
    // Each was of use and ended in order, so that the next one follows soon, but never at once.
    expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(20);
    const gaps = peer.connectedAt.slice(1).map((at, index) => at - peer.connectedAt[index]!);
    for (const gap of gaps) expect(gap).toBeGreaterThan(45);
  });

  test("against a server that says GOAWAY to everything, again and again", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    const peer = await peerOf(async (connection) => {
      connection.settings();
      await connection.received(1);
      connection.goAway(0);
    });
    const transport = connectTo(peer.endpoint, { timeoutMs: 2_000 });
    const outcomes = await Promise.all(sendMany(transport, 20));
    expect(outcomes.filter(({ kind }) => kind === "unsent")).toHaveLength(20);
    // Connections at 0, 100, 300, 700 and 1500 ms.
    expect(peer.connectedAt).toHaveLength(5);
    const gaps = peer.connectedAt.slice(1).map((at, index) => at - peer.connectedAt[index]!);
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThan(90 * 2 ** index);
  });

  test("against a server that answers 500 to everything", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    const server = await serve({ onRequest: (request) => refuse(request, 500, "InternalServerError") });
    const transport = connectTo(server.endpoint, { timeoutMs: 800 });
    const outcomes = await Promise.all(sendMany(transport, 20));
    // Each connection carries one request until it is told how many it may: so many were answered, the rest was not sent.
    expect(outcomes.every(({ kind }) => kind === "rejected" || kind === "unsent")).toBe(true);
    expect(outcomes.filter(({ kind }) => kind === "rejected").length).toBeGreaterThanOrEqual(2);
    expect(server.sessions.length).toBeLessThanOrEqual(4);
  });

  test("against one that refuses every stream: each wait is longer than the last", async () => {
    const peer = await peerOf(async (connection) => {
      connection.settings();
      for (let count = 1; ; count++) {
        await connection.received(count);
        connection.resetStream(connection.requests.at(-1)!.streamId, 7);
      }
    });
    const transport = connectTo(peer.endpoint, { timeoutMs: 3_000 });
    expect(await transport.send(hello, good(1))).toMatchObject({ kind: "unsent", cause: { code: "ERR_APNS_TIMEOUT" } });
    expect(peer.connections[0]!.requests.length).toBeLessThan(12);
  });

  test("against one that refuses every stream: delayed requests count as queued", async () => {
    let refused = 0;
    const peer = await peerOf(async (connection) => {
      connection.settings();
      connection.socket.on("progress", () => {
        for (const { streamId, complete } of connection.requests.splice(0)) {
          if (complete) {
            connection.resetStream(streamId, 7);
            refused++;
          } else connection.requests.push({ streamId, path: "", complete, bodyBytes: 0 });
        }
      });
    });
    const { client } = await testIdentities();
    const transport = connectTo(peer.endpoint, {
      auth: { type: "certificate", ...client },
      maxQueued: 5,
      timeoutMs: 2_000,
    });
    await transport.connect();
    const sends = sendMany(transport, 5);
    // Three attempts at once, and each further one later than the one before.
    await until(() => refused >= 15 && transport.stats().queued === 5);
    expect(await transport.send(hello, good(6))).toMatchObject({
      kind: "unsent",
      cause: { code: "ERR_APNS_QUEUE_FULL" },
    });
    for (const outcome of await Promise.all(sends)) expect(outcome.kind).toBe("unsent");
  });

  test("a connection that served resets the back-off", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    const peer = await peerOf(async (connection) => {
      if (connection.index < 2) {
        connection.end();
        return;
      }
      await acceptAll(connection);
    });
    const transport = connectTo(peer.endpoint);
    await Promise.all(sendMany(transport, 600));
    peer.connections[2]!.cut();
    await until(() => transport.stats().connectionsOpen === 0);
    const startedAt = performance.now();
    expect((await transport.send(hello, good(1))).kind).toBe("accepted");
    // 400 ms, had the first two counted on.
    expect(performance.now() - startedAt).toBeLessThan(300);
  });
});

describe("a connection", () => {
  test("is replaced when its stream identifiers are used up", async () => {
    const { client: certificate } = await testIdentities();
    const peer = await RawPeer.start((connection) => acceptAll(connection));
    cleanUps.push(() => peer.close());
    const resolved = resolveHttp2ClientOptions({
      environment: peer.endpoint,
      auth: { type: "certificate", ...certificate },
      maxConnections: 1,
      timeoutMs: 5_000,
    });
    // Two identifiers are left: a thousand million requests would take too long.
    const service = openService(resolved, { firstStreamId: 0x7fff_fffd });
    cleanUps.push(() => service.dispatcher.close(100));
    for (let count = 1; count <= 6; count++) {
      const answer = await perform(service, { method: "POST", path: "/3/device/ab" }, {});
      expect(answer).toMatchObject({ kind: "answered", httpStatus: 200, attempts: 1 });
    }
    const streamIds = peer.connections.flatMap(({ requests }) => requests.map(({ streamId }) => streamId));
    expect(streamIds).toHaveLength(6);
    for (const streamId of streamIds) expect([0x7fff_fffd, 0x7fff_ffff]).toContain(streamId);
  });

  test("that cannot be made fails no request as long as another one serves", async () => {
    const { client } = await testIdentities();
    const peer = await RawPeer.start(async (connection) => {
      connection.settings([[SettingId.MAX_CONCURRENT_STREAMS, 1]]);
      await connection.received(1);
      // By now the pool has tried to grow, and was refused.
      await until(() => failures.length > 0);
      for (let count = 1; ; count++) {
        await connection.received(count);
        connection.answer(connection.requests.at(-1)!.streamId);
      }
    });
    cleanUps.push(() => peer.close());
    const transport = connectTo(peer.endpoint, { auth: { type: "certificate", ...client } });
    const failures: unknown[] = [];
    transport.watchConnections((event) => {
      if (event.type === "failed") failures.push(event.cause);
    });
    await transport.connect();
    peer.refusesFurther = true;
    const outcomes = await Promise.all(sendMany(transport, 5));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(5).fill("accepted"));
    expect(failures[0]).toMatchObject({ code: "ERR_APNS_CONNECT_FAILED", retryable: false });
  });
});

describe("a connection that ends", () => {
  test("during a write: what was handed to the socket is unconfirmed, the rest goes to another connection, nothing twice", async () => {
    const peer = await peerOf(async (connection) => {
      const settings: Setting[] = [
        [SettingId.MAX_CONCURRENT_STREAMS, 4000],
        [SettingId.INITIAL_WINDOW_SIZE, 2 ** 30],
      ];
      if (connection.index > 0) {
        const accepting = acceptAll(connection, settings);
        connection.window(0, 2 ** 30);
        return accepting;
      }
      connection.settings(settings);
      connection.window(0, 2 ** 30);
      await connection.received(1);
      connection.answer(1);
      connection.stopReading();
      await wait(500);
      connection.cut();
    });
    const transport = connectTo(peer.endpoint, { maxConnections: 1 });
    await transport.send(hello, good(9_999));
    const large = alert({ topic: "com.example.App", aps: { alert: "x".repeat(4000) } });
    const outcomes = await Promise.all(sendMany(transport, 3_000, large));
    const kinds = outcomes.map(({ kind, attempts }) => `${kind} ${attempts}`);
    const inDoubt = kinds.lastIndexOf("unconfirmed 1") + 1;
    expect(inDoubt).toBeGreaterThan(0);
    expect(inDoubt).toBeLessThan(3_000);
    expect(kinds).toEqual([
      ...Array<string>(inDoubt).fill("unconfirmed 1"),
      ...Array<string>(3_000 - inDoubt).fill("accepted 1"),
    ]);
    const seen = peer.connections[1]!.requests.map(({ path }) => path.replace("/3/device/", ""));
    expect(new Set(seen).size).toBe(3_000 - inDoubt);
  });

  test("by our close says GOAWAY first", async () => {
    const peer = await peerOf(acceptAll);
    const transport = connectTo(peer.endpoint);
    await transport.send(hello, good(1));
    const connection = peer.connections[0]!;
    const ended = once(connection.socket, "close");
    await transport.close();
    await ended;
    expect(connection.goAwayReceived).toBe(true);
    await until(() => transport.stats().connectionsOpen === 0);
  });

  test("is destroyed when the peer never closes its side", async () => {
    const peer = await peerOf(acceptAll);
    const transport = connectTo(peer.endpoint);
    await transport.send(hello, good(1));
    peer.connections[0]!.stopReading();
    await transport.close();
    await until(() => transport.stats().connectionsOpen === 0);
  });
});

describe("health", () => {
  test("an idle connection gets a PING every idlePingMs, and is kept while it answers", async () => {
    const peer = await peerOf(acceptAll);
    const transport = connectTo(peer.endpoint, { idlePingMs: 60 });
    await transport.send(hello, good(1));
    await until(() => peer.connections[0]!.pings >= 3);
    await transport.send(hello, good(2));
    expect(transport.stats().connectionsOpened).toBe(1);
  });

  test("one signal may end a thousand sends, with one listener", async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.name);
    process.on("warning", onWarning);
    const server = await serve({ onRequest: () => {} });
    const transport = connectTo(server.endpoint);
    const controller = new AbortController();
    const sends = Array.from({ length: 1000 }, (_, index) =>
      transport.send(hello, good(index), { signal: controller.signal }),
    );
    await until(() => server.requests.length === 1);
    controller.abort(new Error("enough"));
    const outcomes = await Promise.all(sends);
    expect(outcomes.filter(({ kind }) => kind === "unsent")).toHaveLength(999);
    expect(outcomes[5]).toMatchObject({ cause: { code: "ERR_APNS_ABORTED", cause: { message: "enough" } } });
    await wait(0);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  test("a process that was busy does not take its own delay for the peer's", async () => {
    const peer = await peerOf(async (connection) => {
      connection.settings();
      await connection.received(1);
      connection.answer(1);
      await connection.received(2);
      connection.answer(3);
      // The answer is on its way; nobody in this process reads it before every deadline has passed.
      const end = performance.now() + 400;
      while (performance.now() < end);
    });
    const transport = connectTo(peer.endpoint, { requestTimeoutMs: 200 });
    for (const index of [1, 2]) expect((await transport.send(hello, good(index))).kind).toBe("accepted");
    expect(transport.stats().connectionsOpened).toBe(1);
  });
});

test("the server is verified unless dangerouslySkipServerVerification is set", async () => {
  const server = await serve({ onRequest: accept });
  const { host, port } = server.endpoint;
  const transport = connectTo({ host, port: port! }, { dangerouslySkipServerVerification: true });
  expect((await transport.send(hello, good(1))).kind).toBe("accepted");
});

test("extra headers go with every request; what HTTP/2 cannot carry is unsent, not a hang", async () => {
  const server = await serve({ onRequest: accept });
  await connectTo(server.endpoint, { headers: { "x-expert": "yes" } }).send(hello, good(1));
  expect(server.requests[0]!.headers["x-expert"]).toBe("yes");
  const { client } = await testIdentities();
  const huge = connectTo(server.endpoint, {
    headers: { "x-huge": "x".repeat(20_000) },
    auth: { type: "certificate", ...client },
  });
  expect(await huge.send(hello, good(1))).toMatchObject({
    kind: "unsent",
    attempts: 0,
    cause: { code: "ERR_APNS_UNSUPPORTED" },
  });
  expect(huge.stats()).toMatchObject({ inFlight: 0, queued: 0 });
});

describe("a server that answers 500 to one in a hundred", () => {
  test("fails those and nothing else, and its connection is replaced at most every five seconds", async () => {
    const peer = await peerOf((connection) => {
      connection.settings([[SettingId.MAX_CONCURRENT_STREAMS, 100]]);
      connection.window(0, 10_000_000);
      connection.socket.on("progress", () => {
        connection.together(() => {
          for (const { streamId, path, complete, bodyBytes } of connection.requests.splice(0)) {
            if (!complete) connection.requests.push({ streamId, path, complete, bodyBytes });
            else if (path.endsWith("00")) connection.answer(streamId, 500, "InternalServerError");
            else connection.answer(streamId);
          }
        });
      });
    });
    const transport = connectTo(peer.endpoint, { timeoutMs: 15_000 });
    const tokens = Array.from({ length: 5000 }, (_, index) => `${"ab".repeat(30)}${String(index).padStart(4, "0")}`);
    const outcomes = await Promise.all(tokens.map((deviceToken) => transport.send(hello, deviceToken)));
    expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(4950);
    expect(outcomes.filter((outcome) => outcome.kind === "rejected" && outcome.httpStatus === 500)).toHaveLength(50);
    // Four by load, and one successor for each five seconds.
    expect(transport.stats().connectionsOpened).toBeLessThanOrEqual(8);
  });
});

describe("a server that refuses the credentials of everything", () => {
  test("rejects each request soon, and sees only a few connections", async () => {
    const server = await serve({ onRequest: (request) => refuse(request, 403, "InvalidProviderToken") });
    const transport = connectTo(server.endpoint, { timeoutMs: 15_000 });
    const outcomes = await Promise.all(sendMany(transport, 200));
    const reasons = outcomes.map((outcome) => (outcome.kind === "rejected" ? outcome.reason : outcome.kind));
    expect(new Set(reasons)).toEqual(new Set(["InvalidProviderToken"]));
    // Four while the back-off is shorter than a second; then the last one serves on, and is replaced every five seconds at most.
    expect(server.sessions.length).toBeLessThanOrEqual(8);
  });
});

describe("a server that says GOAWAY every 200 requests", () => {
  test("causes no back-off and no loss", async () => {
    const peer = await peerOf(async (connection) => {
      connection.settings([[SettingId.MAX_CONCURRENT_STREAMS, 50]]);
      connection.window(0, 10_000_000);
      let answered = 0;
      while (answered < 200) {
        for (const request of connection.requests.splice(0)) {
          if (!request.complete || answered === 200) connection.requests.push(request);
          else {
            connection.answer(request.streamId);
            if (++answered === 200) connection.goAway(request.streamId);
          }
        }
        if (answered < 200) await once(connection.socket, "progress");
      }
    });
    const transport = connectTo(peer.endpoint, { maxConnections: 1, timeoutMs: 15_000 });
    const outcomes = await Promise.all(sendMany(transport, 3000));
    expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(3000);
    expect(peer.connections).toHaveLength(15);
  });
});
