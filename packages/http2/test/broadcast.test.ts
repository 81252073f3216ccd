import { generateKeyPairSync } from "node:crypto";
import type { ServerHttp2Stream } from "node:http2";
import { FakeClock, testIdentities } from "@apns/testkit";
import { afterEach, describe, expect, test } from "vitest";
import {
  alert,
  BroadcastNotification,
  ChannelClient,
  type ChannelClientOptions,
  ChannelError,
  Http2Transport,
  type Http2TransportOptions,
} from "../src/index.js";
import { accept, ScriptedServer, type SeenRequest } from "./apns-server.js";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const auth = { type: "token", key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" } as const;
const channelId = "dHN0LXNyY2gtY2hubA==";
const apnsRequestId = "123e4567-e89b-12d3-a456-42661417400a";
const update = { aps: { timestamp: 1, event: "update", "content-state": { score: 3 } } };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Answer = { status: number; headers?: Record<string, string>; body?: unknown };

async function serve(answer: (request: SeenRequest) => Answer | undefined): Promise<ScriptedServer> {
  const server = await ScriptedServer.start({
    onRequest: (request) => {
      const given = answer(request);
      if (given === undefined) return;
      respond(request.stream, given);
    },
  });
  cleanUps.push(() => server.close());
  return server;
}

function respond(stream: ServerHttp2Stream, { status, headers = {}, body }: Answer): void {
  stream.respond({ ":status": status, "apns-request-id": "0F-made-by-APNs", ...headers });
  stream.end(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
}

async function transportTo(answer: Parameters<typeof serve>[0], more: Partial<Http2TransportOptions> = {}) {
  const server = await serve(answer);
  const transport = new Http2Transport({ environment: server.endpoint, auth, topic: "com.example.App", ...more });
  cleanUps.push(() => transport.close({ timeoutMs: 100 }));
  return { server, transport };
}

async function channelsAt(answer: Parameters<typeof serve>[0], more: Partial<ChannelClientOptions> = {}) {
  const server = await serve(answer);
  const channels = new ChannelClient({ environment: server.endpoint, auth, bundleId: "com.example.App", ...more });
  cleanUps.push(() => channels.close({ timeoutMs: 100 }));
  return { server, channels };
}

describe("a broadcast", () => {
  test("is one request to the app, the channel in a header", async () => {
    const { server, transport } = await transportTo(() => ({ status: 200 }));
    const outcome = await transport.broadcast(new BroadcastNotification({ payload: update }), channelId);
    expect(outcome).toEqual({ kind: "accepted", channelId, apnsRequestId: "0F-made-by-APNs", attempts: 1 });
    const { headers, payload } = server.requests[0]!;
    expect(headers).toMatchObject({
      ":method": "POST",
      ":path": "/4/broadcasts/apps/com.example.App",
      "apns-channel-id": channelId,
      "apns-push-type": "liveactivity",
      "apns-priority": "10",
      "apns-expiration": "0",
      authorization: expect.stringMatching(/^bearer /),
    });
    for (const name of ["apns-topic", "apns-id", "apns-request-id"]) expect(headers).not.toHaveProperty(name);
    expect(JSON.parse(payload)).toEqual(update);
  });

  test("carries the fields of its options; without an expiration with `expiration: default`", async () => {
    const { server, transport } = await transportTo(() => ({ status: 200 }), { headers: { "x-expert": "yes" } });
    const until = new Date(1_800_000_000_000);
    const bundleId = "com.example.Other.push-type.liveactivity";
    const first = new BroadcastNotification({ payload: update, priority: 5, expiration: until, bundleId });
    const given = await transport.broadcast(first, channelId, { apnsRequestId });
    expect(given).toMatchObject({ kind: "accepted" });
    await transport.broadcast(new BroadcastNotification({ payload: update, expiration: "default" }), channelId);
    expect(server.requests[0]!.headers).toMatchObject({
      ":path": "/4/broadcasts/apps/com.example.Other",
      "apns-priority": "5",
      "apns-expiration": "1800000000",
      "apns-request-id": apnsRequestId,
      "x-expert": "yes",
    });
    expect(server.requests[1]!.headers).not.toHaveProperty("apns-expiration");
  });

  test.each([
    [400, "BadChannelId", false],
    [400, "ChannelNotRegistered", false],
    [400, "BadExpirationDate", false],
    [400, "BroadcastFeatureNotEnabled", false],
    [429, "TooManyRequests", true],
    [503, "ServiceUnavailable", true],
  ])("refused with %i %s is rejected", async (status, reason, retryable) => {
    const headers = { "retry-after": "3" };
    const { transport } = await transportTo(() => ({ status, body: { reason }, headers }));
    expect(await transport.broadcast(new BroadcastNotification({ payload: update }), channelId)).toEqual({
      kind: "rejected",
      channelId,
      apnsRequestId: "0F-made-by-APNs",
      attempts: 1,
      reason,
      httpStatus: status,
      retryable,
      retryAfterMs: 3000,
    });
  });

  test("refused with 403 TopicMismatch is rejected, with what the key allows", async () => {
    const { transport } = await transportTo(() => ({ status: 403, body: { reason: "TopicMismatch" } }));
    expect(await transport.broadcast(new BroadcastNotification({ payload: update }), channelId)).toMatchObject({
      kind: "rejected",
      reason: "TopicMismatch",
      retryable: false,
      detail: expect.stringMatching(
        /^The path named com\.example\.App\. Key KEY1234567 may push to apps of team TEAM123456 only/,
      ),
    });
  });

  test("is unconfirmed without an answer, and keeps the caller's id", async () => {
    const { transport } = await transportTo(({ stream }) => void stream.close(2));
    const notification = new BroadcastNotification({ payload: update });
    expect(await transport.broadcast(notification, channelId, { apnsRequestId })).toMatchObject({
      kind: "unconfirmed",
      apnsRequestId,
      attempts: 1,
      cause: { code: "ERR_APNS_STREAM_RESET" },
    });
    await transport.close();
    await expect(transport.broadcast(notification, channelId)).rejects.toMatchObject({
      code: "ERR_APNS_TRANSPORT_CLOSED",
    });
  });

  test("may have 5120 bytes, and not one more", () => {
    const payload = (bytes: number) => JSON.stringify({ a: "x".repeat(bytes - 8) });
    expect(new BroadcastNotification({ payload: payload(5120) }).encodedPayload).toHaveLength(5120);
    expect(() => new BroadcastNotification({ payload: payload(5121) })).toThrow(/5121 .*a broadcast allows 5120/);
  });

  test("misuse is thrown by name", async () => {
    const { transport } = await transportTo(() => ({ status: 200 }));
    const notification = new BroadcastNotification({ payload: update });
    await expect(transport.broadcast(notification, "a\nb")).rejects.toMatchObject({ field: "channelId" });
    await expect(transport.broadcast(notification, channelId, { apnsRequestId: "1" })).rejects.toMatchObject({
      field: "apnsRequestId",
    });
    const { transport: other } = await transportTo(() => ({ status: 200 }), { topic: undefined as never });
    await expect(other.broadcast(notification, channelId)).rejects.toMatchObject({ field: "bundleId" });
  });

  test("goes to the host of `broadcastEndpoint`, with the same provider token", async () => {
    const second = await serve(() => ({ status: 200 }));
    const { server, transport } = await transportTo(() => ({ status: 200 }), { broadcastEndpoint: second.endpoint });
    await transport.send(alert({ aps: { alert: "Hi" } }), "ab");
    await transport.broadcast(new BroadcastNotification({ payload: update }), channelId);
    expect([server.requests.length, second.requests.length]).toEqual([1, 1]);
    expect(second.requests[0]!.headers.authorization).toBe(server.requests[0]!.headers.authorization);
    expect(() => new Http2Transport({ environment: server.endpoint, auth, broadcastEndpoint: "dedicated" })).toThrow(
      expect.objectContaining({ field: "broadcastEndpoint" }) as Error,
    );
  });
});

describe("channels", () => {
  test("are created, read, listed and deleted", async () => {
    const { server, channels } = await channelsAt(({ headers }) => {
      if (headers[":path"] === "/1/apps/com.example.App/all-channels") {
        return { status: 200, body: { channels: [channelId] } };
      }
      if (headers[":method"] === "POST") return { status: 201, headers: { "apns-channel-id": channelId } };
      if (headers[":method"] === "DELETE") return { status: 204 };
      return { status: 200, body: { "message-storage-policy": 1, "push-type": "LiveActivity" } };
    });
    const made = "0F-made-by-APNs";
    expect(await channels.create({ messageStorage: "mostRecent", apnsRequestId })).toEqual({
      channelId,
      messageStorage: "mostRecent",
      apnsRequestId: made,
    });
    expect(await channels.read(channelId)).toEqual({ channelId, messageStorage: "mostRecent", apnsRequestId: made });
    expect(await channels.list()).toEqual([channelId]);
    await channels.delete(channelId);
    const [create, read, list, remove] = server.requests;
    expect(create).toMatchObject({
      headers: { ":method": "POST", ":path": "/1/apps/com.example.App/channels", "apns-request-id": apnsRequestId },
      payload: '{"message-storage-policy":1,"push-type":"LiveActivity"}',
    });
    expect(create!.headers).not.toHaveProperty("apns-channel-id");
    expect(read!.headers).toMatchObject({
      ":method": "GET",
      ":path": "/1/apps/com.example.App/channels",
      "apns-channel-id": channelId,
    });
    expect(list!.headers).toMatchObject({ ":method": "GET", ":path": "/1/apps/com.example.App/all-channels" });
    expect(remove!.headers).toMatchObject({ ":method": "DELETE", "apns-channel-id": channelId });
  });

  test("can be 10,000: the list has room", async () => {
    const all = Array.from({ length: 10_000 }, (_, index) => index.toString(36).padStart(24, "A"));
    const { channels } = await channelsAt(() => ({ status: 200, body: { channels: all } }));
    expect(await channels.list()).toEqual(all);
  });

  test("work with a certificate", async () => {
    const { client } = await testIdentities();
    const { server, channels } = await channelsAt(() => ({ status: 200, body: { channels: [] } }), {
      auth: { type: "certificate", ...client },
    });
    expect(await channels.list()).toEqual([]);
    expect(server.requests[0]!.headers).not.toHaveProperty("authorization");
  });

  test("refusals are errors that say why", async () => {
    const { channels } = await channelsAt(({ headers }) =>
      headers[":method"] === "DELETE"
        ? { status: 404, body: { reason: "BadPath" } }
        : { status: 400, body: { reason: "CannotCreateChannelConfig" } },
    );
    const creating = channels.create({ messageStorage: "none" });
    await expect(creating).rejects.toBeInstanceOf(ChannelError);
    await expect(creating).rejects.toMatchObject({
      code: "ERR_APNS_REJECTED",
      kind: "rejected",
      reason: "CannotCreateChannelConfig",
      httpStatus: 400,
      retryable: false,
      apnsRequestId: "0F-made-by-APNs",
      message: expect.stringMatching(/Creating a channel of com\.example\.App.*400 CannotCreateChannelConfig/),
    });
    await expect(channels.delete(channelId)).rejects.toMatchObject({
      reason: "BadPath",
      message: expect.stringContaining("does not exist"),
    });
  });

  test("a success whose body cannot be read is an error of its own", async () => {
    const { channels } = await channelsAt(() => ({ status: 200, body: "<html>" }));
    const unreadable = { code: "ERR_APNS_PROTOCOL", kind: "unconfirmed" };
    await expect(channels.list()).rejects.toMatchObject(unreadable);
    await expect(channels.read(channelId)).rejects.toMatchObject(unreadable);
    await expect(channels.create({ messageStorage: "none" })).rejects.toMatchObject(unreadable);
  });

  test("a policy from the future is kept as its number", async () => {
    const { channels } = await channelsAt(() => ({ status: 200, body: { "message-storage-policy": 7 } }));
    expect((await channels.read(channelId)).messageStorage).toBe(7);
  });

  test("without an answer, an error says whether it may have been processed", async () => {
    const { channels, server } = await channelsAt(() => undefined);
    await expect(channels.list({ timeoutMs: 100 })).rejects.toMatchObject({
      kind: "unconfirmed",
      code: "ERR_APNS_TIMEOUT",
    });
    await expect(channels.list({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: "unsent",
      code: "ERR_APNS_ABORTED",
    });
    expect(server.requests).toHaveLength(1);
    const listing = expect(channels.list()).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
    while (server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([channels.close({ timeoutMs: 60_000 }), channels.close({ timeoutMs: 0 }), listing]);
    await expect(channels.list()).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
  });

  test("can connect ahead of the first request, and rejects at once if the port is closed", async () => {
    const { channels, server } = await channelsAt(() => ({ status: 200, body: { channels: [] } }));
    await channels.connect();
    expect(server.requests).toEqual([]);
    await channels.close();
    await expect(channels.connect()).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
    const environment = { host: "127.0.0.1", port: 1 };
    const nobody = new ChannelClient({ environment, auth, bundleId: "com.example.App" });
    await expect(nobody.connect()).rejects.toMatchObject({ code: "ERR_APNS_CONNECT_FAILED" });
    await nobody.close();
  });

  test("a wrong clock is diagnosed here, too", async () => {
    const date = new Date(Date.UTC(2030, 0, 1)).toUTCString();
    const { channels } = await channelsAt(
      () => ({ status: 403, body: { reason: "InvalidProviderToken" }, headers: { date } }),
      { clock: new FakeClock(Date.UTC(2030, 0, 1, 2)) },
    );
    await expect(channels.list()).rejects.toThrow(/120 minutes ahead. Set the clock/);
  });

  test("misuse is thrown by name", async () => {
    const { channels } = await channelsAt(() => ({ status: 200 }));
    await expect(channels.create({} as never)).rejects.toMatchObject({ field: "messageStorage" });
    await expect(channels.read("")).rejects.toMatchObject({ field: "channelId" });
    expect(() => new ChannelClient({ environment: "production", auth, bundleId: "" })).toThrow(
      expect.objectContaining({ field: "bundleId" }) as Error,
    );
  });
});

test("devices and broadcasts share one connection by default", async () => {
  const server = await ScriptedServer.start({ onRequest: accept });
  cleanUps.push(() => server.close());
  await using transport = new Http2Transport({ environment: server.endpoint, auth, topic: "com.example.App" });
  await transport.send(alert({ aps: { alert: "Hi" } }), "ab");
  await transport.broadcast(new BroadcastNotification({ payload: update }), channelId);
  expect(transport.stats().connectionsOpened).toBe(1);
});
