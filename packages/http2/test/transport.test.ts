import { generateKeyPairSync } from "node:crypto";
import { constants } from "node:http2";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import {
  alert,
  background,
  deadTokenHook,
  dropDeadTokens,
  type Endpoint,
  eitherEnvironment,
  failover,
  InMemoryTransport,
  type Outcome,
  observe,
  rateLimit,
  sendAll,
  splitTraffic,
  type Transport,
  withRetry,
} from "@apns/core";
import { contractTokens, describeTransportContract, FakeClock, testIdentities } from "@apns/testkit";
import jwt from "jsonwebtoken";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Http2Transport, type Http2TransportOptions } from "../src/index.js";
import { accept, refuse, ScriptedServer, type ScriptedServerOptions } from "./apns-server.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const tokenAuth = { type: "token", key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" } as const;
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

function connectTo(environment: Endpoint, more: Partial<Http2TransportOptions> = {}): Http2Transport {
  const transport = new Http2Transport({ environment, auth: tokenAuth, ...more });
  cleanUps.push(() => transport.close({ timeoutMs: 100 }));
  return transport;
}

const tokens = (count: number): string[] => Array.from({ length: count }, (_, index) => good(index));
const sendEach = (transport: Http2Transport, deviceTokens: string[]): Promise<Outcome[]> =>
  Promise.all(deviceTokens.map((deviceToken) => transport.send(hello, deviceToken)));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function contractSubject(auth: Http2TransportOptions["auth"], wrap: (transport: Http2Transport) => Transport) {
  const received: string[] = [];
  const server = await ScriptedServer.start({
    requestCert: auth.type === "certificate",
    onRequest: (request) => {
      if (request.deviceToken === contractTokens.bad) return refuse(request, 400, "BadDeviceToken");
      received.push(request.deviceToken);
      accept(request);
    },
  });
  const transport = wrap(new Http2Transport({ environment: server.endpoint, auth }));
  return { transport, received: () => received, close: () => server.close() };
}

describeTransportContract("@apns/http2 with a provider token", {
  open: () => contractSubject(tokenAuth, (transport) => transport),
});

describeTransportContract("@apns/http2 with a certificate", {
  open: async () => {
    const { client } = await testIdentities();
    return contractSubject({ type: "certificate", ...client }, (transport) => transport);
  },
});

const wrappers: Record<string, (transport: Http2Transport) => Transport> = {
  withRetry,
  failover: (transport) => failover([transport, new InMemoryTransport({ outcome: () => "BadTopic" })]),
  splitTraffic: (transport) =>
    splitTraffic({ from: new InMemoryTransport({ outcome: () => "BadTopic" }), to: transport, share: 1 }),
  observe: (transport) => observe(transport, { started: () => 1, settled: () => {}, connection: () => {} }),
  rateLimit: (transport) => rateLimit(transport, { perSecond: 10_000 }),
  eitherEnvironment: (transport) =>
    eitherEnvironment({
      production: transport,
      development: new InMemoryTransport({ outcome: () => "BadDeviceToken" }),
    }),
  dropDeadTokens: (transport) =>
    dropDeadTokens(transport, deadTokenHook({ drop: () => Promise.resolve() }), { onError: () => {} }),
};
for (const [name, wrap] of Object.entries(wrappers)) {
  describeTransportContract(`${name} over @apns/http2`, { open: () => contractSubject(tokenAuth, wrap) });
}

describe("a request", () => {
  test("has its own headers and its own payload, whatever was sent before", async () => {
    const server = await serve({ onRequest: accept });
    const transport = connectTo(server.endpoint, { topic: "com.example.App", maxConnections: 1 });
    const sent = Array.from({ length: 60 }, (_, index) =>
      alert({
        aps: { alert: `Hi ${index}` },
        priority: index % 2 === 0 ? 10 : 5,
        ...(index % 3 === 0 ? { collapseId: `score ${index % 9}` } : {}),
        ...(index % 5 === 0 ? { topic: "com.example.Other" } : {}),
      }),
    );
    await Promise.all(sent.map((notification, index) => transport.send(notification, good(index))));
    const received = new Map(server.requests.map((request) => [request.deviceToken, request]));
    expect(received.size).toBe(60);
    for (const [index, { encodedPayload, priority, collapseId, topic }] of sent.entries()) {
      const { headers, payload } = received.get(good(index))!;
      expect([headers["apns-priority"], headers["apns-collapse-id"], headers["apns-topic"], payload]).toEqual([
        String(priority),
        collapseId,
        topic ?? "com.example.App",
        new TextDecoder().decode(encodedPayload),
      ]);
    }
  });

  test("carries the fields of the notification and no others", async () => {
    const server = await serve({ onRequest: accept });
    const transport = connectTo(server.endpoint, { topic: "com.example.App" });
    await transport.send(
      alert({ aps: { alert: "Hi" }, priority: 5, expiration: "once", collapseId: "é" }),
      "AB".repeat(32),
      { apnsId: "123e4567-e89b-12d3-a456-42661417400a" },
    );
    await transport.send(background({ topic: "com.example.Other" }), good(1));
    const [first, second] = server.requests;
    expect(first!.headers).toMatchObject({
      ":method": "POST",
      ":scheme": "https",
      ":path": `/3/device/${"AB".repeat(32)}`,
      ":authority": `127.0.0.1:${server.endpoint.port}`,
      "apns-topic": "com.example.App",
      "apns-push-type": "alert",
      "apns-priority": "5",
      "apns-expiration": "0",
      "apns-id": "123e4567-e89b-12d3-a456-42661417400a",
    });
    expect(Buffer.from(String(first!.headers["apns-collapse-id"]), "latin1").toString("utf8")).toBe("é");
    expect(first!.payload).toBe('{"aps":{"alert":"Hi"}}');
    expect(second!.headers).toMatchObject({
      "apns-topic": "com.example.Other",
      "apns-push-type": "background",
      "apns-priority": "5",
    });
    for (const name of ["apns-id", "apns-expiration", "apns-collapse-id"])
      expect(second!.headers).not.toHaveProperty(name);
  });

  test("is signed with a provider token that lasts 50 minutes, by the transport's clock", async () => {
    const server = await serve({ onRequest: accept });
    const clock = new FakeClock();
    const transport = connectTo(server.endpoint, { clock });
    const startedAt = clock.now();
    const authorizationAfter = async (minutes: number): Promise<string> => {
      clock.advance(startedAt + minutes * 60_000 - clock.now());
      await transport.send(hello, good(1), { timeoutMs: 1e9 });
      return String(server.requests.at(-1)!.headers.authorization);
    };
    const first = await authorizationAfter(0);
    const decoded = jwt.verify(first.replace("bearer ", ""), publicKey.export({ type: "spki", format: "pem" }), {
      algorithms: ["ES256"],
      complete: true,
    });
    expect(decoded.header).toEqual({ alg: "ES256", typ: "JWT", kid: "KEY1234567" });
    expect(decoded.payload).toEqual({ iss: "TEAM123456", iat: startedAt / 1000 });
    expect(await authorizationAfter(49)).toBe(first);
    const second = await authorizationAfter(51);
    expect(second).not.toBe(first);
    expect(await authorizationAfter(52)).toBe(second);
  });

  test("goes without a provider token when a certificate authenticates", async () => {
    const { client } = await testIdentities();
    const server = await serve({ onRequest: accept, requestCert: true });
    const transport = connectTo(server.endpoint, { auth: { type: "certificate", ...client } });
    expect((await transport.send(hello, good(1))).kind).toBe("accepted");
    expect(server.requests[0]!.headers).not.toHaveProperty("authorization");
  });
});

describe("streams", () => {
  test("one is open until the first authenticated answer, whatever SETTINGS allow", async () => {
    const server = await serve({ maxConcurrentStreams: 500, onRequest: () => {} });
    const transport = connectTo(server.endpoint);
    const sends = sendEach(transport, tokens(20));
    await until(() => server.requests.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.requests).toHaveLength(1);
    expect(transport.stats()).toMatchObject({ inFlight: 20, queued: 19 });
    accept(server.requests[0]!);
    await until(() => server.requests.length === 20);
    for (const request of server.requests.slice(1)) accept(request);
    expect((await sends).every(({ kind }) => kind === "accepted")).toBe(true);
  });

  test("an answer that refuses the credentials opens no more of them", async () => {
    const server = await serve({ onRequest: (request) => refuse(request, 403, "InvalidProviderToken") });
    const transport = connectTo(server.endpoint);
    const outcomes = await sendEach(transport, tokens(5));
    expect(outcomes.map((outcome) => outcome.kind === "rejected" && outcome.reason)).toEqual(
      Array(5).fill("InvalidProviderToken"),
    );
    expect(server.mostConcurrent).toBe(1);
  });

  test.each([1, 3, 40])("are never more than the %i the peer allows", async (maxConcurrentStreams) => {
    const server = await serve({ maxConcurrentStreams, onRequest: (request) => setImmediate(accept, request) });
    const outcomes = await sendEach(connectTo(server.endpoint), tokens(200));
    expect(outcomes.every(({ kind }) => kind === "accepted")).toBe(true);
    expect(server.mostConcurrent).toBe(maxConcurrentStreams);
  });

  test("follow the peer's limit down and up while it changes", async () => {
    const server = await serve({ maxConcurrentStreams: 10, onRequest: () => {} });
    const transport = connectTo(server.endpoint, { maxConnections: 1 });
    const sends = sendEach(transport, tokens(60));
    await until(() => server.requests.length === 1);
    accept(server.requests[0]!);
    await until(() => server.requests.length === 11);
    const session = server.sessions[0]!;
    await new Promise<void>((resolve) => session.settings({ maxConcurrentStreams: 2 }, () => resolve()));
    for (const request of server.requests.slice(1, 10)) accept(request);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Nine answered, one open, and room for one more.
    expect(server.requests).toHaveLength(12);
    await new Promise<void>((resolve) => session.settings({ maxConcurrentStreams: 100 }, () => resolve()));
    await until(() => server.requests.length === 60);
    for (const request of server.requests.slice(10)) accept(request);
    expect((await sends).every(({ kind }) => kind === "accepted")).toBe(true);
  });
});

describe("answers", () => {
  const unregisteredAt = new Date(1_700_000_000_123);
  test.each([
    [
      "410",
      410,
      { reason: "Unregistered", timestamp: 1_700_000_000_123 },
      {},
      { reason: "Unregistered", unregisteredAt, dropToken: true, retryable: false },
    ],
    [
      "429 with seconds to wait",
      429,
      { reason: "TooManyRequests" },
      { "retry-after": "7" },
      { reason: "TooManyRequests", retryAfterMs: 7000, retryable: true },
    ],
    ["503", 503, { reason: "ServiceUnavailable" }, {}, { reason: "ServiceUnavailable", retryable: true }],
    [
      "a reason from the future",
      400,
      { reason: "NewIn2030" },
      {},
      { reason: "NewIn2030", retryable: false, dropToken: false },
    ],
    ["no JSON", 502, "<html>bad gateway</html>", {}, { reason: "HttpStatus502", retryable: true }],
    ["JSON of another shape", 400, [1], {}, { reason: "HttpStatus400" }],
    ["a timestamp out of range", 410, { reason: "Unregistered", timestamp: 1e99 }, {}, { reason: "Unregistered" }],
  ])("with %s become the exact outcome", async (_, httpStatus, body, headers, expected) => {
    const server = await serve({
      onRequest: ({ stream }) => {
        stream.respond({ ":status": httpStatus, "apns-id": "ID", ...headers });
        stream.end(typeof body === "string" ? body : JSON.stringify(body));
      },
    });
    expect(await connectTo(server.endpoint).send(hello, good(1))).toMatchObject({
      kind: "rejected",
      deviceToken: good(1),
      apnsId: "ID",
      attempts: 1,
      httpStatus,
      ...expected,
    });
  });

  test("with retry-after as a date are measured by the transport's clock", async () => {
    const clock = new FakeClock();
    const date = new Date(clock.now() + 90_000).toUTCString();
    const server = await serve({
      onRequest: (request) => refuse(request, 503, "ServiceUnavailable", { headers: { "retry-after": date } }),
    });
    expect(await connectTo(server.endpoint, { clock }).send(hello, good(1))).toMatchObject({ retryAfterMs: 90_000 });
  });

  test("are measured by the machine's clock where the transport's own fails, and nothing ends the process", async () => {
    const warnings: string[] = [];
    vi.spyOn(process, "emitWarning").mockImplementation((message) => void warnings.push(String(message)));
    const server = await serve({
      onRequest: (request) =>
        refuse(request, 403, "ExpiredProviderToken", { headers: { "retry-after": new Date().toUTCString() } }),
    });
    let calls = 0;
    const now = (): number => {
      if (++calls % 2 === 0) return Number.NaN;
      throw new Error("no time");
    };
    expect(await connectTo(server.endpoint, { clock: { now } }).send(hello, good(1))).toMatchObject({
      kind: "rejected",
      reason: "ExpiredProviderToken",
      retryAfterMs: 0,
    });
    expect(warnings[0]).toBe("clock.now threw an error: no time");
    expect(() => connectTo(server.endpoint, { clock: {} as FakeClock })).toThrow(/^clock: has no method now\(\)\.$/);
  });

  test("on success carry apns-id and apns-unique-id", async () => {
    const server = await serve({
      onRequest: ({ stream }) =>
        stream.respond({ ":status": 200, "apns-id": "ID", "apns-unique-id": "unique" }, { endStream: true }),
    });
    expect(await connectTo(server.endpoint).send(hello, good(1))).toEqual({
      kind: "accepted",
      deviceToken: good(1),
      apnsId: "ID",
      apnsUniqueId: "unique",
      attempts: 1,
    });
  });

  test("with a body beyond the limit are not read to the end: the status decides", async () => {
    const server = await serve({
      onRequest: ({ stream }) => {
        stream.respond({ ":status": 400 });
        stream.end("x".repeat(1_000_000));
      },
    });
    expect(await connectTo(server.endpoint).send(hello, good(1))).toMatchObject({
      kind: "rejected",
      httpStatus: 400,
      reason: "HttpStatus400",
    });
  });

  test("whose end never comes count when an abort, the deadline or close() gives them up", async () => {
    const server = await serve({
      onRequest: ({ stream }) => {
        stream.respond({ ":status": server.requests.length === 2 ? 410 : 200, "apns-id": "ID" });
        stream.write(" ");
      },
    });
    const transport = connectTo(server.endpoint, { requestTimeoutMs: 300 });
    expect(await transport.send(hello, good(1))).toMatchObject({ kind: "accepted", apnsId: "ID" });
    // The first was silent for too long: this one goes out on another connection.
    const controller = new AbortController();
    const given = transport.send(hello, good(2), { signal: controller.signal });
    await until(() => server.requests.length === 2);
    await bytesRead(transport);
    controller.abort();
    expect(await given).toMatchObject({ kind: "rejected", httpStatus: 410, dropToken: true });
    const last = transport.send(hello, good(3));
    await until(() => server.requests.length === 3);
    await bytesRead(transport);
    await transport.close({ timeoutMs: 0 });
    expect(await last).toMatchObject({ kind: "accepted" });
  });
});

/** Resolves when nothing more comes in: what the server has said by now has been heard. */
async function bytesRead(transport: Http2Transport): Promise<void> {
  for (let before = -1; before !== transport.stats().bytesRead; ) {
    before = transport.stats().bytesRead;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("misuse is refused, and close waits for nothing", () => {
  test.each<[string, unknown[]]>([
    ["notification", [{}, good(1)]],
    ["notification", [undefined, good(1)]],
    ["signal", [hello, good(1), { signal: "stop" }]],
    ["signal", [hello, good(1), { signal: null }]],
  ])("%s", async (field, args) => {
    const transport = connectTo({ host: "127.0.0.1", port: 9 });
    const sending = transport.send(...(args as Parameters<typeof transport.send>));
    await expect(sending).rejects.toMatchObject({ code: "ERR_APNS_INVALID_ARGUMENT", field });
    expect(transport.stats()).toMatchObject({ inFlight: 0, queued: 0, connectionsOpened: 0 });
  });
});

describe("what was certainly not processed is sent again", () => {
  test("after REFUSED_STREAM", async () => {
    const server = await serve({
      onRequest: (request) =>
        request.index === 1 ? request.stream.close(constants.NGHTTP2_REFUSED_STREAM) : accept(request),
    });
    const transport = connectTo(server.endpoint);
    const outcomes = await sendEach(transport, tokens(3));
    expect(outcomes.map(({ kind, attempts }) => [kind, attempts])).toEqual([
      ["accepted", 1],
      ["accepted", 2],
      ["accepted", 1],
    ]);
    expect(transport.stats()).toMatchObject({ resent: 1, connectionsOpened: 1 });
  });

  test("above the last stream id of a GOAWAY, on another connection", async () => {
    const server = await serve({
      onRequest: (request) => {
        if (request.connection === 1 || request.index === 0) return accept(request);
        if (request.index !== 5) return;
        // Streams 3, 5, 7 and 9 are processed; 11 and above were never looked at.
        request.session.goaway(constants.NGHTTP2_NO_ERROR, 9);
        for (const open of server.requests.slice(1, 5)) accept(open);
      },
    });
    const transport = connectTo(server.endpoint);
    await transport.send(hello, good(100));
    const outcomes = await sendEach(transport, tokens(10));
    expect(outcomes.map(({ kind, attempts }) => [kind, attempts])).toEqual([
      ...Array(4).fill(["accepted", 1]),
      ...Array(6).fill(["accepted", 2]),
    ]);
    expect(transport.stats()).toMatchObject({ connectionsOpened: 2, resent: 6 });
    const onSecond = server.requests.filter((request) => request.connection === 1);
    expect(onSecond.map((request) => request.deviceToken)).toEqual(tokens(10).slice(4));
  });

  test("with a new provider token on a new connection, once APNs calls the old one expired", async () => {
    const clock = new FakeClock();
    let expired = "";
    const server = await serve({
      onRequest: (request) =>
        request.headers.authorization === expired ? refuse(request, 403, "ExpiredProviderToken") : accept(request),
    });
    const transport = connectTo(server.endpoint, { clock });
    await transport.send(hello, good(1));
    expired = server.requests[0]!.headers.authorization!;
    clock.advance(30 * 60_000);
    expect(await transport.send(hello, good(2))).toMatchObject({ kind: "accepted", attempts: 2 });
    expect(server.requests.map((request) => request.connection)).toEqual([0, 0, 1]);
  });

  test("but not with a token so young that APNs would refuse its successor", async () => {
    const server = await serve({ onRequest: (request) => refuse(request, 403, "ExpiredProviderToken") });
    const outcome = await connectTo(server.endpoint).send(hello, good(1));
    expect(outcome).toMatchObject({ kind: "rejected", reason: "ExpiredProviderToken", attempts: 1, retryable: true });
    expect(server.requests).toHaveLength(1);
  });
});

describe("what may have been processed is never sent again", () => {
  test("when the connection is cut: written ones are unconfirmed, waiting ones go on", async () => {
    const server = await serve({
      maxConcurrentStreams: 4,
      onRequest: (request) => {
        if (request.connection === 1 || request.index === 0) accept(request);
        else if (request.index === 4) server.sockets[0]!.resetAndDestroy();
      },
    });
    const transport = connectTo(server.endpoint);
    await transport.send(hello, good(100));
    const outcomes = await sendEach(transport, tokens(8));
    expect(outcomes.map(({ kind, attempts }) => [kind, attempts])).toEqual([
      ...Array(4).fill(["unconfirmed", 1]),
      ...Array(4).fill(["accepted", 1]),
    ]);
    expect(outcomes[0]).toMatchObject({ cause: { code: "ERR_APNS_CONNECTION_LOST" } });
    const seen = server.requests.map((request) => request.deviceToken);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("when its stream is reset for another cause", async () => {
    const server = await serve({ onRequest: ({ stream }) => stream.close(constants.NGHTTP2_INTERNAL_ERROR) });
    expect(await connectTo(server.endpoint).send(hello, good(1))).toMatchObject({
      kind: "unconfirmed",
      attempts: 1,
      cause: { code: "ERR_APNS_STREAM_RESET", message: "APNs reset the stream with HTTP/2 error code 2." },
    });
  });

  test("when no answer comes in time; and the silent connection takes no further requests", async () => {
    const server = await serve({ onRequest: (request) => request.connection === 1 && accept(request) });
    const transport = connectTo(server.endpoint, { requestTimeoutMs: 500 });
    expect(await transport.send(hello, good(1))).toMatchObject({
      kind: "unconfirmed",
      attempts: 1,
      cause: { code: "ERR_APNS_TIMEOUT" },
    });
    expect((await transport.send(hello, good(2))).kind).toBe("accepted");
    expect(server.requests.map((request) => request.connection)).toEqual([0, 1]);
  });

  test("when the caller gives up after it was written", async () => {
    const server = await serve({ onRequest: () => {} });
    const transport = connectTo(server.endpoint);
    const controller = new AbortController();
    const written = transport.send(hello, good(1), { signal: controller.signal });
    const waiting = transport.send(hello, good(2), { signal: controller.signal });
    await until(() => server.requests.length === 1);
    controller.abort();
    expect(await written).toMatchObject({ kind: "unconfirmed", attempts: 1, cause: { code: "ERR_APNS_ABORTED" } });
    expect(await waiting).toMatchObject({ kind: "unsent", attempts: 0, cause: { code: "ERR_APNS_ABORTED" } });
  });

  test("when the transport is closed and its time is up", async () => {
    const server = await serve({ onRequest: () => {} });
    const transport = connectTo(server.endpoint);
    const sends = sendEach(transport, tokens(3));
    await until(() => server.requests.length === 1);
    await transport.close({ timeoutMs: 50 });
    expect((await sends).map(({ kind, attempts }) => [kind, attempts])).toEqual([
      ["unconfirmed", 1],
      ["unsent", 0],
      ["unsent", 0],
    ]);
    expect(transport.stats()).toMatchObject({ inFlight: 0, queued: 0 });
  });

  test("when a second close leaves less time than the first; more changes nothing", async () => {
    const server = await serve({ onRequest: () => {} });
    const transport = connectTo(server.endpoint);
    const sends = sendEach(transport, tokens(1));
    await until(() => server.requests.length === 1);
    const closing = [60_000, 0, 60_000].map((timeoutMs) => transport.close({ timeoutMs }));
    expect((await sends)[0]).toMatchObject({
      kind: "unconfirmed",
      cause: { message: expect.stringContaining("the 0 ms") },
    });
    await Promise.all(closing);
  });
});

describe("without a usable connection everything is unsent", () => {
  const unsent = (code: string, message: RegExp) => ({
    kind: "unsent",
    attempts: 0,
    cause: { code, message: expect.stringMatching(message) },
  });

  async function listen(server: Server): Promise<Endpoint> {
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUps.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    const { ca } = await testIdentities();
    return { host: "127.0.0.1", port: (server.address() as { port: number }).port, ca };
  }

  test("when the port is closed: tried until the deadline, and the cause is kept", async () => {
    const endpoint = await listen(createTcpServer());
    await cleanUps.pop()!();
    const outcome = await connectTo(endpoint).send(hello, good(1), { timeoutMs: 400 });
    expect(outcome).toMatchObject(unsent("ERR_APNS_TIMEOUT", /ECONNREFUSED/));
  });

  test("at once, when the server does not speak HTTP/2", async () => {
    const { server: identity } = await testIdentities();
    const endpoint = await listen(createTlsServer(identity));
    expect(await connectTo(endpoint).send(hello, good(1))).toMatchObject(
      unsent("ERR_APNS_CONNECT_FAILED", /does not speak "h2"/),
    );
  });

  test("at once, when the server's certificate is not to be trusted", async () => {
    const server = await serve({ onRequest: accept });
    const { host, port } = server.endpoint;
    expect(await connectTo({ host, port: port! }).send(hello, good(1))).toMatchObject(
      unsent("ERR_APNS_CONNECT_FAILED", /certificate is not to be trusted.*environment\.ca/),
    );
    expect(server.requests).toHaveLength(0);
  });

  test("at once, when its name is another", async () => {
    const server = await serve({ onRequest: accept });
    const transport = connectTo({ ...server.endpoint, servername: "other.example" });
    expect(await transport.send(hello, good(1))).toMatchObject(
      unsent("ERR_APNS_CONNECT_FAILED", /altnames.*not to be trusted/),
    );
  });

  test("when APNs says by GOAWAY that the certificate is for the other environment", async () => {
    const { client } = await testIdentities();
    const server = await serve({
      requestCert: true,
      onRequest: () => {},
      onSession: (session) => {
        session.goaway(constants.NGHTTP2_NO_ERROR, 0, Buffer.from('{"reason":"BadCertificateEnvironment"}'));
        setTimeout(() => session.destroy(), 20);
      },
    });
    const transport = connectTo(server.endpoint, { auth: { type: "certificate", ...client } });
    const outcomes = await sendEach(transport, tokens(3));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        kind: "unsent",
        cause: { code: "ERR_APNS_GOAWAY", message: expect.stringContaining("BadCertificateEnvironment") },
      });
    }
  });

  test("when the queue is full", async () => {
    const server = await serve({ onRequest: () => {} });
    const transport = connectTo(server.endpoint, { maxQueued: 2 });
    await transport.connect();
    const sends = tokens(4).map((deviceToken) => transport.send(hello, deviceToken));
    // One on the first stream, two waiting: the fourth is told at once.
    expect(await sends[3]).toMatchObject(unsent("ERR_APNS_QUEUE_FULL", /sendAll.*larger maxQueued/));
    await transport.close({ timeoutMs: 0 });
    await Promise.all(sends);
  });

  test("connect rejects", async () => {
    const endpoint = await listen(createTcpServer());
    await cleanUps.pop()!();
    await expect(connectTo(endpoint).connect()).rejects.toMatchObject({
      code: "ERR_APNS_CONNECT_FAILED",
      retryable: true,
    });
  });
});

describe("a connection", () => {
  test("is not made by the constructor, and closes at once while it is being made", async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as { port: number };
    const transport = connectTo({ host: "127.0.0.1", port });
    expect(transport.stats()).toMatchObject({ connectionsOpened: 0, bytesWritten: 0 });
    const connecting = transport.connect();
    const closed = transport.close();
    await expect(connecting).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
    await closed;
  });

  test("counts its bytes, and keeps the count when it is gone", async () => {
    const server = await serve({ onRequest: accept });
    const transport = connectTo(server.endpoint);
    for await (const _ of sendAll(transport, { notification: hello, deviceTokens: tokens(100) }));
    const open = transport.stats();
    expect(open.bytesWritten).toBeGreaterThan(100 * (64 + hello.encodedPayload.length));
    expect(open.bytesRead).toBeGreaterThan(1000);
    expect(open).toMatchObject({ connectionsOpened: 1, connectionsOpen: 1, inFlight: 0, queued: 0, resent: 0 });
    await transport.close();
    await until(() => transport.stats().connectionsOpen === 0);
    expect(transport.stats().bytesWritten).toBeGreaterThanOrEqual(open.bytesWritten);
  });
});
