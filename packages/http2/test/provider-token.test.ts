import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { ServerStreamResponseOptions } from "node:http2";
import { FakeClock } from "@apns/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { alert, Http2Transport, type ProviderTokenStore, type StoredProviderToken } from "../src/index.js";
import { accept, refuse, ScriptedServer, type SeenRequest } from "./apns-server.js";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const hello = alert({ topic: "com.example.App", aps: { alert: "Hi" } });
const minutes = (count: number): number => count * 60_000;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(onRequest: (request: SeenRequest) => void = accept): Promise<ScriptedServer> {
  const server = await ScriptedServer.start({ onRequest });
  cleanUps.push(() => server.close());
  return server;
}

interface Setup {
  readonly clock?: FakeClock;
  readonly store?: ProviderTokenStore;
  readonly refreshAfterMs?: number;
  readonly key?: KeyObject;
}

function connectTo(
  server: ScriptedServer,
  { clock = new FakeClock(), store, refreshAfterMs, key = privateKey }: Setup,
) {
  const transport = new Http2Transport({
    environment: server.endpoint,
    clock,
    auth: {
      type: "token",
      key,
      keyId: "KEY1234567",
      teamId: "TEAM123456",
      ...(store === undefined ? {} : { store }),
      ...(refreshAfterMs === undefined ? {} : { refreshAfterMs }),
    },
  });
  cleanUps.push(() => transport.close({ timeoutMs: 100 }));
  return transport;
}

/** A store in memory that counts what is asked of it. */
class MemoryStore implements ProviderTokenStore {
  token: StoredProviderToken | undefined;
  gets = 0;
  async get(): Promise<StoredProviderToken | undefined> {
    this.gets++;
    return this.token;
  }
  async set(token: StoredProviderToken): Promise<void> {
    this.token = token;
  }
}

const sentTokens = (server: ScriptedServer): string[] =>
  server.requests.map(({ headers }) => String(headers.authorization).replace("bearer ", ""));

describe("the age of a provider token", () => {
  test("is reported by stats, and counts from its first use, not from the constructor", async () => {
    const server = await serve();
    const clock = new FakeClock();
    const transport = connectTo(server, { clock });
    expect(transport.stats().providerTokenAgeMs).toBeUndefined();
    await transport.connect();
    clock.advance(minutes(55));
    await transport.send(hello, "ab");
    expect(transport.stats().providerTokenAgeMs).toBe(0);
    clock.advance(minutes(49));
    await transport.send(hello, "ab");
    const [first, second] = sentTokens(server);
    expect(second).toBe(first);
  });

  test.each([20, 59])("may be limited to %i minutes", async (limit) => {
    const server = await serve();
    const clock = new FakeClock();
    const transport = connectTo(server, { clock, refreshAfterMs: minutes(limit) });
    await transport.send(hello, "ab");
    clock.advance(minutes(limit) - 1);
    await transport.send(hello, "ab");
    clock.advance(1);
    await transport.send(hello, "ab");
    const [first, second, third] = sentTokens(server);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test.each([19, 60])("cannot be limited to %i minutes", async (limit) => {
    const server = await serve();
    expect(() => connectTo(server, { refreshAfterMs: minutes(limit) })).toThrow(/auth\.refreshAfterMs/);
  });

  test("is ignored when the clock is set back", async () => {
    const server = await serve();
    const clock = new FakeClock();
    const transport = connectTo(server, { clock });
    await transport.send(hello, "ab");
    clock.advance(-minutes(120));
    await transport.send(hello, "ab");
    const [first, second] = sentTokens(server);
    expect(second).not.toBe(first);
  });
});

describe("a store", () => {
  test("lets processes share one token, with one `get` for any number of sends", async () => {
    const server = await serve();
    const clock = new FakeClock();
    const store = new MemoryStore();
    const one = connectTo(server, { clock, store });
    await Promise.all(Array.from({ length: 50 }, () => one.send(hello, "ab")));
    expect(store.gets).toBe(1);
    clock.advance(minutes(10));
    const other = connectTo(server, { clock, store });
    await other.send(hello, "ab");
    expect(new Set(sentTokens(server))).toEqual(new Set([store.token!.token]));
    expect(other.stats().providerTokenAgeMs).toBe(minutes(10));
  });

  test("is read before the token is old, and sending goes on meanwhile", async () => {
    const server = await serve();
    const clock = new FakeClock();
    const store = new MemoryStore();
    const transport = connectTo(server, { clock, store });
    await transport.send(hello, "ab");
    clock.advance(minutes(51));
    await transport.send(hello, "ab");
    await transport.send(hello, "ab");
    const [first, second, third] = sentTokens(server);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(store.token!.token).toBe(third);
  });

  const now = new FakeClock().now();
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a token that is too old", { token: "a.b.c", issuedAt: now - minutes(50) }],
    ["a token from the future", { token: "a.b.c", issuedAt: now + minutes(10) }],
    ["a token that would break the header", { token: "a.b.c\r\nx: y", issuedAt: now }],
    ["a token longer than any header", { token: `a.b.${"c".repeat(20_000)}`, issuedAt: now }],
    ["no time", { token: "a.b.c", issuedAt: "soon" }],
    ["something else", 7],
  ])("that hands out %s is passed over", async (_, stored) => {
    const server = await serve();
    const store = { get: async () => stored as StoredProviderToken, set: async () => {} };
    expect((await connectTo(server, { store }).send(hello, "ab")).kind).toBe("accepted");
    expect(sentTokens(server)[0]).toMatch(/^ey[\w-]+\.ey[\w-]+\.[\w-]{86}$/);
  });

  test("that returns the old token as a new one is not asked for ever", async () => {
    const server = await serve();
    const clock = new FakeClock();
    let gets = 0;
    const store = {
      // The time of the question, instead of the token's own.
      get: async () => (++gets > 1000 ? undefined : { token: "a.b.c", issuedAt: clock.now() }),
      set: async () => {},
    };
    const transport = connectTo(server, { clock, store });
    await transport.send(hello, "ab");
    clock.advance(minutes(70));
    expect((await transport.send(hello, "ab")).kind).toBe("accepted");
    expect(gets).toBe(2);
    expect(sentTokens(server)).toEqual(["a.b.c", expect.stringMatching(/^ey/)]);
  });

  test.each<[string, ProviderTokenStore]>([
    ["rejects", { get: () => Promise.reject(new Error("down")), set: () => Promise.reject(new Error("down")) }],
    [
      "throws",
      {
        get: () => {
          throw new Error("down");
        },
        set: () => {
          throw new Error("down");
        },
      },
    ],
  ])("that %s stops nobody", async (_, store) => {
    const server = await serve();
    expect((await connectTo(server, { store }).send(hello, "ab")).kind).toBe("accepted");
  });

  test("that never answers is waited for 5 seconds at most", async () => {
    const server = await serve();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const store: ProviderTokenStore = { get: () => new Promise(() => {}), set: () => new Promise(() => {}) };
    const transport = connectTo(server, { store });
    const connecting = transport.connect();
    await connecting;
    const sending = transport.send(hello, "ab");
    await vi.advanceTimersByTimeAsync(4_900);
    expect(server.requests).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect((await sending).kind).toBe("accepted");
  });

  test("whose token APNs refuses is corrected: signed here, sent again, shared", async () => {
    const wrong = { token: "wrong.token.here", issuedAt: new FakeClock().now() };
    const store = new MemoryStore();
    store.token = wrong;
    const server = await serve((request) =>
      request.headers.authorization === `bearer ${wrong.token}`
        ? refuse(request, 403, "InvalidProviderToken")
        : accept(request),
    );
    const transport = connectTo(server, { store });
    expect(await transport.send(hello, "ab")).toMatchObject({ kind: "accepted", attempts: 2 });
    expect(server.requests.map(({ connection }) => connection)).toEqual([0, 1]);
    expect(store.token).not.toEqual(wrong);
  });
});

describe("a refused provider token is diagnosed", () => {
  const detailFor = async (reason: string, serverTime: number | undefined): Promise<unknown> => {
    const clock = new FakeClock();
    const date = serverTime === undefined ? {} : { date: new Date(serverTime).toUTCString() };
    const server = await serve(({ stream }) => {
      // Node knows this option of a stream; its types do not.
      stream.respond({ ":status": 403, ...date }, { sendDate: false } as ServerStreamResponseOptions);
      stream.end(JSON.stringify({ reason }));
    });
    return connectTo(server, { clock }).send(hello, "ab");
  };
  const here = new FakeClock().now();

  test.each([
    ["ahead", here - minutes(90)],
    ["behind", here + minutes(90)],
  ])("a clock that is %s, naming both times", async (direction, serverTime) => {
    const detail = expect.stringMatching(
      new RegExp(
        `clock says ${new Date(here).toISOString()}, APNs' says ${new Date(serverTime).toISOString()}: it is 90 minutes ${direction}`,
      ),
    );
    expect(await detailFor("ExpiredProviderToken", serverTime)).toMatchObject({ kind: "rejected", detail });
  });

  test("a topic that is missing, by where to give it", async () => {
    expect(await detailFor("MissingTopic", here)).toMatchObject({
      detail: "With a signing key every notification needs a topic: give `topic` to it, or to the transport.",
    });
    expect(await detailFor("PayloadEmpty", here)).not.toHaveProperty("detail", expect.anything());
  });

  test("without the server's time, or with the right one, by the remaining causes", async () => {
    expect(await detailFor("ExpiredProviderToken", undefined)).toMatchObject({
      detail: expect.stringContaining(`issued at ${new Date(here).toISOString()}`),
    });
    const outcome = await detailFor("InvalidProviderToken", here);
    expect(outcome).toMatchObject({ detail: expect.stringMatching(/key KEY1234567 for team TEAM123456/) });
    // No part of the token or key is told.
    expect(JSON.stringify(outcome)).not.toMatch(/ey[\w-]+\./);
  });
});
