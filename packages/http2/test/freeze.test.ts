// After a time in which the process could not look after its connections: what the first push afterwards meets.
import { generateKeyPairSync } from "node:crypto";
import { contractTokens } from "@apns/testkit";
import { afterEach, expect, test, vi } from "vitest";
import { alert, Http2Transport, type Http2TransportOptions } from "../src/index.js";
import { acceptAll, type RawConnection, RawPeer } from "./raw-peer.js";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const auth = { type: "token", key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" } as const;
const hello = alert({ topic: "com.example.App", aps: { alert: "Hi" } });
const { good } = contractTokens;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function connectTo(
  first: (connection: RawConnection) => void,
  options: Partial<Http2TransportOptions> = {},
): Promise<{ transport: Http2Transport; peer: RawPeer }> {
  const peer = await RawPeer.start(
    (connection) => (connection.index === 0 ? first(connection) : void acceptAll(connection)),
    { requestCert: false },
  );
  const health = { idlePingMs: 150, pingAfterMs: 150, pingTimeoutMs: 150 };
  const transport = new Http2Transport({ environment: peer.endpoint, auth, ...health, ...options });
  cleanUps.push(
    () => transport.close({ timeoutMs: 0 }),
    () => peer.close(),
  );
  return { transport, peer };
}

/** Blocks the event loop, as a frozen process is blocked. */
function freeze(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** Answers the first request, and nothing later: a network path that has forgotten the connection. */
function blackHole(connection: RawConnection): void {
  connection.settings();
  void connection.received(1).then(() => {
    connection.answer(1);
    connection.answersPings = false;
  });
}

test.each<[string, (connection: RawConnection) => void]>([
  ["a network path that has forgotten the connection", () => {}],
  ["a FIN", (connection) => connection.end()],
  ["a TCP reset", (connection) => connection.cut()],
])("behind a freeze stands %s: the push is accepted at its first attempt", async (_, end) => {
  const { transport, peer } = await connectTo(blackHole);
  expect(await transport.send(hello, good(1))).toMatchObject({ kind: "accepted", attempts: 1 });
  end(peer.connections[0]!);
  freeze(500);
  expect(await transport.send(hello, good(2))).toMatchObject({ kind: "accepted", attempts: 1 });
  expect(peer.connections.map(({ requests }) => requests.length)).toEqual([1, 1]);
});

test("a connection that is alive is verified by one PING and used again", async () => {
  const { transport, peer } = await connectTo((connection) => void acceptAll(connection));
  await transport.send(hello, good(1));
  const { pings } = peer.connections[0]!;
  freeze(500);
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, index) => transport.send(hello, good(index))));
  expect(outcomes.filter(({ kind, attempts }) => kind === "accepted" && attempts === 1)).toHaveLength(200);
  expect(peer.connections).toHaveLength(1);
  expect(peer.connections[0]!.pings).toBe(pings + 1);
});

test("a suspended machine, whose monotonic clock stood still, verifies as well", async () => {
  const { transport, peer } = await connectTo(blackHole, { idlePingMs: 60_000 });
  await transport.send(hello, good(1));
  const { now } = Date;
  vi.spyOn(Date, "now").mockImplementation(() => now() + 3_600_000);
  expect(await transport.send(hello, good(2))).toMatchObject({ kind: "accepted", attempts: 1 });
  expect(peer.connections.map(({ requests }) => requests.length)).toEqual([1, 1]);
});

test("a first request that is never answered delays no other request", async () => {
  const { transport, peer } = await connectTo((connection) => connection.settings(), {
    maxConnections: 1,
    requestTimeoutMs: 4_000,
    pingTimeoutMs: 5_000,
  });
  const outcomes = await Promise.all(Array.from({ length: 100 }, (_, index) => transport.send(hello, good(index))));
  expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(99);
  expect(outcomes[0]).toMatchObject({ kind: "unconfirmed", attempts: 1, cause: { code: "ERR_APNS_TIMEOUT" } });
  expect(peer.connections).toHaveLength(2);
});

test("two connections in a row that never answer cost one request each", async () => {
  const peer = await RawPeer.start(
    (connection) => (connection.index < 2 ? connection.settings() : void acceptAll(connection)),
    { requestCert: false },
  );
  const transport = new Http2Transport({ environment: peer.endpoint, auth, requestTimeoutMs: 5_000 });
  cleanUps.push(
    () => transport.close({ timeoutMs: 0 }),
    () => peer.close(),
  );
  const outcomes = await Promise.all(Array.from({ length: 500 }, (_, index) => transport.send(hello, good(index))));
  expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(498);
  expect(outcomes.filter(({ kind }) => kind === "unconfirmed")).toHaveLength(2);
  expect(peer.connections).toHaveLength(3);
});

test("after unref() only sends under way keep the process alive", async () => {
  let answer = (): void => {};
  const { transport } = await connectTo((connection) => {
    connection.settings();
    void connection.received(2).then(() => {
      answer = () => connection.answer(3);
    });
    void connection.received(1).then(() => connection.answer(1));
  });
  await transport.send(hello, good(1));
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
  const before = sockets();
  expect(transport.unref()).toBe(transport);
  expect(sockets()).toBe(before - 1);
  const sending = transport.send(hello, good(2));
  expect(sockets()).toBe(before);
  await vi.waitUntil(() => {
    answer();
    return transport.stats().inFlight === 0;
  });
  await sending;
  expect(sockets()).toBe(before - 1);
  transport.ref();
  expect(sockets()).toBe(before);
});
