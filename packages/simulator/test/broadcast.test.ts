// Broadcasts and channels, asked for by node:http2 and by our own clients.
import { generateSigningKey } from "@apns/credentials";
import { BroadcastNotification, ChannelClient, Http2Transport } from "@apns/http2";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Simulator, SimulatorOptions } from "../src/index.ts";
import { type Http2Peer, http2, providerToken, type Response, start } from "./peers.ts";

const uuid = "123e4567-e89b-12d3-a456-426614174000";
const upperCaseId = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/;
const channelsPath = "/1/apps/com.example.App/channels";
const allChannelsPath = "/1/apps/com.example.App/all-channels";
const broadcastPath = "/4/broadcasts/apps/com.example.App";
const update = '{"aps":{"timestamp":1,"event":"update","content-state":{}}}';

type Headers = Record<string, string | string[] | undefined>;

function broadcastHeaders(channelId: string | undefined, more: Headers = {}): Headers {
  return {
    "apns-channel-id": channelId,
    "apns-push-type": "liveactivity",
    "apns-priority": "10",
    "apns-expiration": "0",
    ...more,
  };
}

const what = ({ status, reason }: Response): [number, string | undefined] => [status, reason];

async function managed(options: SimulatorOptions = {}): Promise<{ apple: Simulator; peer: Http2Peer }> {
  const apple = await start(options);
  return { apple, peer: await http2(apple, {}, "channels") };
}

describe("channel management", () => {
  it("makes, reads, lists and deletes channels", async () => {
    const { apple, peer } = await managed();
    const body = '{"message-storage-policy":1,"push-type":"LiveActivity"}';
    const made = await peer.ask("POST", channelsPath, {}, body);
    expect(Object.keys(made.headers)).toEqual([":status", "apns-request-id", "apns-channel-id"]);
    expect([made.status, made.body]).toEqual([201, ""]);
    expect(made.headers["apns-request-id"]).toMatch(upperCaseId);
    const channelId = made.headers["apns-channel-id"] as string;
    expect(channelId).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(apple.world.channels.list("com.example.App")).toEqual([
      { channelId, bundleId: "com.example.App", messageStorage: "mostRecent" },
    ]);

    const headers = { "apns-channel-id": channelId, "apns-request-id": uuid };
    const read = await peer.ask("GET", channelsPath, headers);
    expect([read.status, read.body]).toEqual([200, body]);
    expect(read.headers["apns-request-id"]).toBe(uuid);
    expect((await peer.ask("GET", allChannelsPath)).body).toBe(`{"channels":["${channelId}"]}`);

    const deleted = await peer.ask("DELETE", channelsPath, headers);
    expect([deleted.status, deleted.body]).toEqual([204, ""]);
    expect((await peer.ask("GET", allChannelsPath)).body).toBe('{"channels":[]}');
    expect(apple.stats().channels).toMatchObject({ connections: 1, accepted: 5, rejected: 0 });
    expect(apple.stats().http2).toMatchObject({ connections: 0, received: 0 });
  });

  it("works with a certificate that lists the bundle ID", async () => {
    const apple = await start();
    const peer = await http2(apple, apple.credentials.tls, "channels");
    expect((await peer.ask("GET", allChannelsPath)).status).toBe(200);
    expect(what(await peer.ask("GET", "/1/apps/com.example.Other/all-channels"))).toEqual([403, "TopicMismatch"]);
  });

  it("is not where notifications are sent", async () => {
    const { peer } = await managed();
    expect(what(await peer.push())).toEqual([404, "BadPath"]);
    expect(what(await (await http2(await start())).ask("GET", allChannelsPath))).toEqual([405, "MethodNotAllowed"]);
  });

  const json = (value: object) => JSON.stringify(value);
  it.each<[number, string, string, string, string, Headers, string]>([
    [
      403,
      "MissingProviderToken",
      "no authorization, before the method",
      "PUT",
      channelsPath,
      { authorization: undefined },
      "",
    ],
    [403, "InvalidProviderToken", "no JWT", "GET", channelsPath, { authorization: "bearer x" }, ""],
    [404, "BadPath", "another path", "GET", "/1/apps/com.example.App/channel", {}, ""],
    [404, "BadPath", "no bundle ID", "GET", "/1/apps//channels", {}, ""],
    [404, "BadPath", "a channel id in the path", "GET", `${channelsPath}/abc`, {}, ""],
    [405, "MethodNotAllowed", "another method", "PUT", channelsPath, {}, ""],
    [405, "MethodNotAllowed", "another method for the list", "POST", allChannelsPath, {}, ""],
    [400, "DuplicateHeaders", "a header twice", "GET", allChannelsPath, { "x-custom": ["a", "b"] }, ""],
    [400, "BadMessageId", "an id that is no UUID", "GET", allChannelsPath, { "apns-request-id": "1" }, ""],
    [
      400,
      "TopicDisallowed",
      "a topic in place of the bundle ID",
      "GET",
      "/1/apps/com.example.App.push-type.liveactivity/channels",
      {},
      "",
    ],
    [403, "TopicMismatch", "another team's app", "GET", "/1/apps/com.example.Other/channels", {}, ""],
    [
      400,
      "BroadcastFeatureNotEnabled",
      "an app without the capability",
      "GET",
      "/1/apps/com.example.Plain/channels",
      {},
      "",
    ],
    [400, "BadRequestPayload", "no JSON", "POST", channelsPath, {}, "{"],
    [400, "BadRequestPayload", "no object", "POST", channelsPath, {}, "[]"],
    [
      400,
      "BadRequestParams",
      "an unknown attribute",
      "POST",
      channelsPath,
      {},
      json({ "push-type": "LiveActivity", "message-storage-policy": 1, name: "x" }),
    ],
    [
      400,
      "BadRequestParams",
      "a third policy",
      "POST",
      channelsPath,
      {},
      json({ "push-type": "LiveActivity", "message-storage-policy": 2 }),
    ],
    [400, "BadRequestParams", "no policy", "POST", channelsPath, {}, json({ "push-type": "LiveActivity" })],
    [400, "MissingPushType", "no push type", "POST", channelsPath, {}, json({ "message-storage-policy": 1 })],
    [
      400,
      "InvalidPushType",
      "another push type",
      "POST",
      channelsPath,
      {},
      json({ "push-type": "alert", "message-storage-policy": 1 }),
    ],
    [
      400,
      "InvalidPushType",
      "a push type that is a number",
      "POST",
      channelsPath,
      {},
      json({ "push-type": 1, "message-storage-policy": 1 }),
    ],
    [
      400,
      "CannotCreateChannelConfig",
      "one channel too many",
      "POST",
      channelsPath,
      {},
      json({ "push-type": "liveactivity", "message-storage-policy": 0 }),
    ],
    [400, "MissingChannelId", "reading nothing", "GET", channelsPath, {}, ""],
    [400, "BadChannelId", "reading what never existed", "GET", channelsPath, { "apns-channel-id": "AAAA" }, ""],
    [400, "BadChannelId", "an endless id", "GET", channelsPath, { "apns-channel-id": "A".repeat(300) }, ""],
    [400, "MissingChannelId", "deleting nothing", "DELETE", channelsPath, {}, ""],
    [404, "BadPath", "deleting what never existed", "DELETE", channelsPath, { "apns-channel-id": "AAAA" }, ""],
  ])("%i %s: %s", async (status, reason, _name, method, path, headers, body) => {
    const { apple, peer } = await managed();
    apple.world.addApp({ bundleId: "com.example.Other", teamId: "OTHERTEAM0" });
    apple.world.addApp({ bundleId: "com.example.Plain", teamId: apple.credentials.teamId, broadcast: false });
    apple.world.channels.maxPerApp = 0;
    const response = await peer.ask(method, path, headers, body);
    expect([response.status, response.body]).toEqual([status, `{"reason":"${reason}"}`]);
    expect(Object.keys(response.headers)).toEqual([":status", "apns-request-id"]);
    expect(apple.stats().channels.rejectedByReason).toEqual({ [reason]: 1 });
  });

  it("spells FeatureNotEnabled as documented, if told so; switching the capability off deletes the channels", async () => {
    const { apple, peer } = await managed({ quirks: { reasonSpelling: "documented" } });
    const { teamId, bundleId } = apple.credentials;
    apple.world.channels.create(bundleId);
    apple.world.addApp({ bundleId, teamId, broadcast: false });
    expect(what(await peer.ask("GET", allChannelsPath))).toEqual([400, "FeatureNotEnabled"]);
    apple.world.addApp({ bundleId, teamId });
    expect((await peer.ask("GET", allChannelsPath)).body).toBe('{"channels":[]}');
  });

  it("refuses a key that is for other topics", async () => {
    const { apple, peer } = await managed();
    const { key, publicKey } = await generateSigningKey();
    const { teamId } = apple.credentials;
    apple.world.addSigningKey({ keyId: "TOPICKEY00", teamId, key: publicKey, topics: ["com.example.Mine"] });
    const authorization = providerToken(apple, { key, header: { alg: "ES256", kid: "TOPICKEY00" } });
    expect(what(await peer.ask("GET", allChannelsPath, { authorization }))).toEqual([403, "TopicMismatch"]);
  });

  it("starts with one stream, and a thousand come with the first valid provider token", async () => {
    const { peer } = await managed();
    expect(peer.limits).toEqual([1]);
    await peer.ask("GET", allChannelsPath);
    expect(peer.limits).toEqual([1, 1000]);
  });

  it("meets the faults that are for it, and no others", async () => {
    const { apple, peer } = await managed();
    apple.faults.add({ type: "reject", reason: "ServiceUnavailable", api: "channel" });
    expect(what(await peer.ask("GET", allChannelsPath))).toEqual([503, "ServiceUnavailable"]);
    apple.world.register("ab".repeat(32));
    expect((await (await http2(apple)).push({ token: "ab".repeat(32) })).status).toBe(200);
  });
});

describe("a broadcast", () => {
  async function ready(options: SimulatorOptions = {}) {
    const apple = await start(options);
    const { channelId } = apple.world.channels.create("com.example.App");
    return { apple, peer: await http2(apple), channelId };
  }

  it("is answered with 200 and the request's id, and is in the log", async () => {
    const { apple, peer, channelId } = await ready();
    const headers = broadcastHeaders(channelId, { "apns-request-id": uuid, "apns-push-type": "LiveActivity" });
    const { status, headers: answered, body } = await peer.ask("POST", broadcastPath, headers, update);
    expect([status, body]).toEqual([200, ""]);
    expect(Object.entries(answered)).toEqual([
      [":status", 200],
      ["apns-request-id", uuid],
    ]);
    expect([...apple.received]).toEqual([
      {
        wire: "http2",
        connection: 1,
        deviceToken: "",
        topic: "com.example.App",
        channelId,
        apnsRequestId: uuid,
        pushType: "LiveActivity",
        priority: 10,
        expiration: 0,
        payload: update,
        verdict: { kind: "accepted" },
        receivedAt: expect.closeTo(Date.now(), -4),
      },
    ]);
    expect((await peer.ask("POST", broadcastPath, broadcastHeaders(channelId), update)).headers).toEqual(
      expect.objectContaining({ "apns-request-id": expect.stringMatching(upperCaseId) }),
    );
  });

  it("that keeps something goes to channels that store", async () => {
    const { apple, peer, channelId } = await ready();
    const none = apple.world.channels.create("com.example.App", "none").channelId;
    const later = { "apns-expiration": "2000000000" };
    const ask = (id: string, more: Headers) => peer.ask("POST", broadcastPath, broadcastHeaders(id, more), update);
    expect((await ask(channelId, later)).status).toBe(200);
    expect(what(await ask(none, later))).toEqual([400, "BadExpirationDate"]);
    expect((await ask(none, {})).status).toBe(200);
  });

  const big = "x".repeat(5121);
  it.each<[number, string, string, Headers, { path?: string; body?: string; method?: string }]>([
    [404, "BadPath", "another method", {}, { method: "GET" }],
    [404, "BadPath", "no bundle ID", {}, { path: "/4/broadcasts/apps/" }],
    [404, "BadPath", "a path that goes on", {}, { path: `${broadcastPath}/x` }],
    [404, "BadPath", "an escape that is none", {}, { path: "/4/broadcasts/apps/%zz" }],
    [403, "MissingProviderToken", "no authorization", { authorization: undefined }, {}],
    [400, "DuplicateHeaders", "a header twice", { "x-custom": ["a", "b"] }, {}],
    [400, "BadMessageId", "a request id that is no UUID", { "apns-request-id": "1" }, {}],
    [400, "BadMessageId", "an apns-id that is no UUID", { "apns-id": "1" }, {}],
    [400, "BadPriority", "a priority between", { "apns-priority": "7" }, {}],
    [400, "BadExpirationDate", "an expiration that is no number", { "apns-expiration": "soon" }, {}],
    [400, "BadExpirationDate", "no expiration", { "apns-expiration": undefined }, {}],
    [400, "MissingPushType", "no push type", { "apns-push-type": undefined }, {}],
    [400, "InvalidPushType", "another push type", { "apns-push-type": "alert" }, {}],
    [
      400,
      "TopicDisallowed",
      "a topic in place of the bundle ID",
      {},
      { path: `${broadcastPath}.push-type.liveactivity` },
    ],
    [403, "TopicMismatch", "another team's app", {}, { path: "/4/broadcasts/apps/com.example.Other" }],
    [
      400,
      "BroadcastFeatureNotEnabled",
      "an app without the capability",
      {},
      { path: "/4/broadcasts/apps/com.example.Plain" },
    ],
    [400, "MissingChannelId", "no channel", { "apns-channel-id": undefined }, {}],
    [400, "BadChannelId", "a channel that never existed", { "apns-channel-id": "AAAA" }, {}],
    [400, "PayloadEmpty", "no payload", {}, { body: "" }],
    [413, "PayloadTooLarge", "5121 bytes", {}, { body: big }],
  ])("%i %s: %s", async (status, reason, _name, headers, { path = broadcastPath, body = update, method = "POST" }) => {
    const { apple, peer, channelId } = await ready();
    apple.world.addApp({ bundleId: "com.example.Other", teamId: "OTHERTEAM0" });
    apple.world.addApp({ bundleId: "com.example.Plain", teamId: apple.credentials.teamId, broadcast: false });
    const response = await peer.ask(method, path, broadcastHeaders(channelId, headers), body);
    expect([response.status, response.body]).toEqual([status, `{"reason":"${reason}"}`]);
    expect(Object.keys(response.headers)).toEqual([":status", "apns-request-id"]);
    expect(apple.stats().http2.rejectedByReason).toEqual({ [reason]: 1 });
  });

  it("400 ChannelNotRegistered: a deleted channel", async () => {
    const { apple, peer, channelId } = await ready();
    expect(apple.world.channels.delete("com.example.App", channelId)).toBe(true);
    expect(what(await peer.ask("POST", broadcastPath, broadcastHeaders(channelId), update))).toEqual([
      400,
      "ChannelNotRegistered",
    ]);
  });

  it("400 BadChannelId: another app's channel", async () => {
    const { apple, peer } = await ready();
    apple.world.addApp({ bundleId: "com.example.Second", teamId: apple.credentials.teamId });
    const { channelId } = apple.world.channels.create("com.example.Second");
    expect(what(await peer.ask("POST", broadcastPath, broadcastHeaders(channelId), update))).toEqual([
      400,
      "BadChannelId",
    ]);
    expect(apple.world.channels.delete("com.example.App", channelId)).toBe(false);
  });

  it("at its limits passes: 5120 bytes; and no expiration, if told so", async () => {
    const { peer, channelId } = await ready({ quirks: { broadcastExpiration: "optional" } });
    const headers = broadcastHeaders(channelId, { "apns-expiration": undefined, "apns-priority": undefined });
    expect((await peer.ask("POST", broadcastPath, headers, "x".repeat(5120))).status).toBe(200);
  });
});

describe("our own clients", () => {
  async function clients(options: SimulatorOptions = {}) {
    const apple = await start(options);
    const { signingKey: key, keyId, teamId, bundleId, topic } = apple.credentials;
    const auth = { type: "token", key, keyId, teamId } as const;
    const channels = new ChannelClient({ environment: apple.channels, auth, bundleId });
    const transport = new Http2Transport({ environment: apple.http2, auth, topic });
    onTestFinished(async () => void (await Promise.all([channels.close(), transport.close()])));
    return { apple, channels, transport };
  }

  it("make a channel, broadcast to it, and meet the errors that were observed", async () => {
    const { apple, channels, transport } = await clients();
    const made = await channels.create({ messageStorage: "mostRecent" });
    expect(await channels.read(made.channelId)).toMatchObject({ messageStorage: "mostRecent" });
    expect(await channels.list()).toEqual([made.channelId]);
    const news = new BroadcastNotification({ payload: update });
    expect(await transport.broadcast(news, made.channelId)).toMatchObject({ kind: "accepted", attempts: 1 });
    expect(apple.received.at(-1)).toMatchObject({ channelId: made.channelId, payload: update });

    await channels.delete(made.channelId);
    expect(await transport.broadcast(news, made.channelId)).toMatchObject({
      kind: "rejected",
      reason: "ChannelNotRegistered",
    });
    expect(await transport.broadcast(news, "never")).toMatchObject({ kind: "rejected", reason: "BadChannelId" });
    await expect(channels.delete(made.channelId)).rejects.toMatchObject({ reason: "BadPath", httpStatus: 404 });
    expect(await channels.list()).toEqual([]);
  });

  it("are told when the app has as many channels as it may have", async () => {
    const { apple, channels } = await clients();
    apple.world.channels.maxPerApp = 2;
    await channels.create({ messageStorage: "none" });
    await channels.create({ messageStorage: "none" });
    await expect(channels.create({ messageStorage: "none" })).rejects.toMatchObject({
      reason: "CannotCreateChannelConfig",
    });
    expect(() => apple.world.channels.create("com.example.App")).toThrow("has 2 channels already");
  });
});
