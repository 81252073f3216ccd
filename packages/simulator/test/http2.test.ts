import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { CertificateAuthority as Authority, type CertificateAuthority, generateSigningKey } from "@apns/credentials";
import { describe, expect, it } from "vitest";
import type { Simulator } from "../src/index.ts";
import { deviceToken, http2, type PushRequest, providerToken, start, until } from "./peers.ts";
import { rawHttp2 } from "./raw-http2.ts";

const uuid = "123e4567-e89b-12d3-a456-426614174000";
const hourAgo = Math.floor(Date.now() / 1000) - 3700;

describe("an accepted push", () => {
  it("is answered with 200, the id it came with, and nothing else", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    const { status, headers, body } = await peer.push({ headers: { "apns-id": uuid } });
    expect(status).toBe(200);
    expect(body).toBe("");
    expect(Object.keys(headers)).toEqual([":status", "apns-id"]);
    expect(headers["apns-id"]).toBe(uuid);
  });

  it("gets an upper-case id if it came with none, and a lower-case unique id on development", async () => {
    const apple = await start({ environment: "development" });
    apple.world.register(deviceToken);
    const { headers } = await (await http2(apple)).push();
    expect(headers["apns-id"]).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/);
    expect(headers["apns-unique-id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  });

  it("is received as it was sent", async () => {
    const now = Date.now();
    const apple = await start({ clock: { now: () => now } });
    apple.world.register(deviceToken);
    const headers = { "apns-id": uuid, "apns-priority": "5", "apns-expiration": "0", "apns-collapse-id": "score" };
    await (await http2(apple)).push({ token: deviceToken.toUpperCase(), headers, body: '{"aps":{"alert":"é"}}' });
    expect([...apple.received]).toEqual([
      {
        wire: "http2",
        connection: 1,
        deviceToken,
        topic: "com.example.App",
        pushType: "alert",
        payload: '{"aps":{"alert":"é"}}',
        apnsId: uuid,
        collapseId: "score",
        priority: 5,
        expiration: 0,
        verdict: { kind: "accepted" },
        receivedAt: now,
      },
    ]);
    expect(apple.stats().http2).toMatchObject({ connections: 1, received: 1, accepted: 1, rejected: 0 });
  });

  it("may come with a signature in DER, blanks in its JSON, or a capital Bearer", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    const der = providerToken(apple, { signature: "der" });
    expect((await peer.push({ headers: { authorization: der } })).status).toBe(200);
    expect((await peer.push({ headers: { authorization: der.replace("bearer", "Bearer") } })).status).toBe(200);
  });

  it("may go to any topic of the app, and to device tokens of other lengths", async () => {
    const apple = await start();
    const long = randomBytes(80).toString("hex");
    apple.world.register([deviceToken, long]);
    const peer = await http2(apple);
    const headers = { "apns-topic": "com.example.App.push-type.liveactivity", "apns-push-type": "liveactivity" };
    expect((await peer.push({ headers })).status).toBe(200);
    expect((await peer.push({ headers, token: long })).status).toBe(200);
  });
});

describe("every reason the faithful verdict can give", () => {
  const topic = { "apns-topic": "com.example.App.voip", "apns-push-type": "voip" };
  const of = (bytes: number) => "x".repeat(bytes);
  const cases: [
    status: number,
    reason: string,
    name: string,
    request: PushRequest | ((apple: Simulator) => PushRequest),
  ][] = [
    [
      405,
      "MethodNotAllowed",
      "a GET, even without authorization",
      { method: "GET", headers: { authorization: undefined } },
    ],
    [404, "BadPath", "another path", { path: "/3/devices/00" }],
    [404, "BadPath", "a path that goes on", { path: "/3/device/00/11" }],
    [404, "BadPath", "a path without its last slash", { path: "/3/device" }],
    [
      403,
      "MissingProviderToken",
      "no authorization, whatever the device token",
      { headers: { authorization: undefined }, token: "zz" },
    ],
    [403, "InvalidProviderToken", "no JWT", { headers: { authorization: "bearer abc" } }],
    [403, "InvalidProviderToken", "three parts that are not JSON", { headers: { authorization: "bearer a.b.c" } }],
    [
      403,
      "InvalidProviderToken",
      "another scheme",
      (apple) => ({ headers: { authorization: providerToken(apple).replace("bearer", "basic") } }),
    ],
    [
      403,
      "InvalidProviderToken",
      "an unknown key id",
      (apple) => ({
        headers: { authorization: providerToken(apple, { header: { alg: "ES256", kid: "OTHERKEY00" } }) },
      }),
    ],
    [
      403,
      "InvalidProviderToken",
      "another algorithm",
      (apple) => ({
        headers: { authorization: providerToken(apple, { header: { alg: "ES384", kid: apple.credentials.keyId } }) },
      }),
    ],
    [
      403,
      "InvalidProviderToken",
      "another team",
      (apple) => ({ headers: { authorization: providerToken(apple, { claims: { iss: "OTHERTEAM0" } }) } }),
    ],
    [
      403,
      "InvalidProviderToken",
      "a time that is text",
      (apple) => ({ headers: { authorization: providerToken(apple, { claims: { iat: "now" } }) } }),
    ],
    [
      403,
      "InvalidProviderToken",
      "a time two hours ahead",
      (apple) => ({ headers: { authorization: providerToken(apple, { claims: { iat: hourAgo + 11_000 } }) } }),
    ],
    [
      403,
      "InvalidProviderToken",
      "a changed signature",
      (apple) => ({ headers: { authorization: `${providerToken(apple).slice(0, -8)}AAAAAAAA` } }),
    ],
    [
      403,
      "ExpiredProviderToken",
      "a token older than an hour",
      (apple) => ({ headers: { authorization: providerToken(apple, { claims: { iat: hourAgo } }) } }),
    ],
    [400, "BadMessageId", "an id that is no UUID", { headers: { "apns-id": "42" } }],
    [400, "BadExpirationDate", "an expiration that is no number", { headers: { "apns-expiration": "tomorrow" } }],
    [400, "BadExpirationDate", "a negative expiration", { headers: { "apns-expiration": "-1" } }],
    [400, "BadPriority", "a priority between", { headers: { "apns-priority": "7" } }],
    [
      400,
      "BadPriority",
      "a background push at priority 10",
      { headers: { "apns-priority": "10", "apns-push-type": "background" } },
    ],
    [400, "InvalidPushType", "an unknown push type", { headers: { "apns-push-type": "Alert" } }],
    [400, "BadCollapseId", "a collapse id of 65 bytes", { headers: { "apns-collapse-id": of(65) } }],
    [400, "MissingTopic", "no topic", { headers: { "apns-topic": undefined } }],
    [400, "BadTopic", "a topic that cannot be one", { headers: { "apns-topic": "com example" } }],
    [400, "TopicDisallowed", "another team's topic", { headers: { "apns-topic": "com.example.Other" } }],
    [400, "TopicDisallowed", "a suffix that no push type has", { headers: { "apns-topic": "com.example.App.foo" } }],
    [400, "PayloadEmpty", "no payload, before the device token is looked at", { body: "", token: "zz" }],
    [413, "PayloadTooLarge", "4097 bytes", { body: of(4097) }],
    [413, "PayloadTooLarge", "a megabyte", { body: of(1_000_000) }],
    [413, "PayloadTooLarge", "5121 bytes of voip", { headers: topic, body: of(5121) }],
    [400, "MissingDeviceToken", "no device token", { token: "" }],
    [400, "BadDeviceToken", "no hexadecimal digits", { token: "zz" }],
    [400, "BadDeviceToken", "half a byte", { token: "012" }],
    [400, "BadDeviceToken", "a device token nobody registered", { token: "ab".repeat(32) }],
    [400, "BadDeviceToken", "a device token of the other environment", { token: "d0".repeat(32) }],
    [400, "DeviceTokenNotForTopic", "a device token of another app", { token: "0a".repeat(32) }],
    [410, "Unregistered", "a device token whose app is gone", { token: "dead".repeat(16) }],
  ];

  it.each(cases)("%i %s: %s", async (status, reason, _name, request) => {
    const apple = await start();
    apple.world.addApp({ bundleId: "com.example.Second", teamId: apple.credentials.teamId });
    apple.world.addApp({ bundleId: "com.example.Other", teamId: "OTHERTEAM0" });
    apple.world.register(deviceToken);
    apple.world.register("0a".repeat(32), { topic: "com.example.Second" });
    apple.world.register("d0".repeat(32), { environment: "development" });
    apple.world.register("dead".repeat(16));
    apple.world.unregister("dead".repeat(16), new Date("2023-11-14T22:13:20.123Z"));
    const peer = await http2(apple);
    const response = await peer.push(typeof request === "function" ? request(apple) : request);
    expect(response.status).toBe(status);
    // Compact, and for a 410 with the instant in milliseconds.
    expect(response.body).toBe(`{"reason":"${reason}"${status === 410 ? ',"timestamp":1700000000123' : ""}}`);
    expect(Object.keys(response.headers)).toEqual([":status", "apns-id"]);
    expect(apple.stats().http2.rejectedByReason).toEqual({ [reason]: 1 });
  });

  it("400 DuplicateHeaders: any header that comes twice", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    expect((await peer.push({ headers: { "x-custom": ["a", "b"] } })).reason).toBe("DuplicateHeaders");
  });

  it("a header that is no number has none in the log", async () => {
    const apple = await start();
    await (await http2(apple)).push({ headers: { "apns-priority": "high", "apns-expiration": "soon" } });
    expect(apple.received.at(0)).not.toHaveProperty("priority");
    expect(apple.received.at(0)).not.toHaveProperty("expiration");
  });

  it("the log keeps the beginning of a payload that is far too large", async () => {
    const apple = await start();
    const peer = await http2(apple);
    await peer.push({ body: of(16_384) });
    await peer.push({ body: of(16_385) });
    expect([...apple.received].map(({ payload }) => payload)).toEqual([
      of(16_384),
      `${of(16_385).slice(0, 16_384)}… (1 more)`,
    ]);
  });

  it("sizes at their limit pass", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    expect((await peer.push({ body: of(4096) })).status).toBe(200);
    expect((await peer.push({ headers: topic, body: of(5120) })).status).toBe(200);
    expect((await peer.push({ headers: { "apns-collapse-id": of(64) } })).status).toBe(200);
  });

  it("a background push at priority 10 passes if told so", async () => {
    const apple = await start({ quirks: { backgroundPriority10: "accept" } });
    apple.world.register(deviceToken);
    const headers = { "apns-priority": "10", "apns-push-type": "background" };
    expect((await (await http2(apple)).push({ headers })).status).toBe(200);
  });

  it("429 TooManyProviderTokenUpdates: the sixth provider token within 20 minutes", async () => {
    let now = Date.now();
    const apple = await start({ clock: { now: () => now } });
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    const next = () => peer.push({ headers: { authorization: providerToken(apple) } }); // ECDSA: each one differs
    for (let index = 0; index < 5; index++) expect((await next()).status).toBe(200);
    const refused = await next();
    expect([refused.status, refused.reason]).toEqual([429, "TooManyProviderTokenUpdates"]);
    now += 21 * 60_000;
    expect((await next()).status).toBe(200);
  });
});

describe("keys", () => {
  async function withKeys(options = {}) {
    const apple = await start(options);
    apple.world.register(deviceToken);
    const { key, publicKey } = await generateSigningKey();
    const second = await generateSigningKey();
    const { teamId } = apple.credentials;
    const sign = (kid: string, iss = teamId, signingKey = key) =>
      providerToken(apple, { key: signingKey, header: { alg: "ES256", kid }, claims: { iss } });
    return { apple, publicKey, second, teamId, sign };
  }

  it.each([
    ["observed", "BadEnvironmentKeyInToken"],
    ["documented", "BadEnvironmentKeyIdInToken"],
  ] as const)("of the other environment are refused, spelled as %s", async (reasonSpelling, reason) => {
    const { apple, publicKey, teamId, sign } = await withKeys({ quirks: { reasonSpelling } });
    apple.world.addSigningKey({ keyId: "DEVKEY0000", teamId, key: publicKey, environment: "development" });
    const response = await (await http2(apple)).push({ headers: { authorization: sign("DEVKEY0000") } });
    expect([response.status, response.reason]).toEqual([403, reason]);
  });

  it("for other topics are refused", async () => {
    const { apple, publicKey, teamId, sign } = await withKeys();
    apple.world.addSigningKey({ keyId: "TOPICKEY00", teamId, key: publicKey, topics: ["com.example.App.voip"] });
    const response = await (await http2(apple)).push({ headers: { authorization: sign("TOPICKEY00") } });
    expect(response.reason).toBe("TopicDisallowed");
  });

  it("unrelated to the connection's first one are refused, its related one is not", async () => {
    const { apple, publicKey, second, teamId, sign } = await withKeys();
    const topics = ["com.example.App"];
    apple.world.addSigningKey({ keyId: "FIRST00000", teamId, key: publicKey, topics, relatedKeyId: "RELATED000" });
    apple.world.addSigningKey({ keyId: "RELATED000", teamId, key: second.publicKey, topics });
    apple.world.addSigningKey({ keyId: "UNRELATED0", teamId, key: second.publicKey, topics });
    const peer = await http2(apple);
    const push = (authorization: string) => peer.push({ headers: { authorization } });
    expect((await push(sign("FIRST00000"))).status).toBe(200);
    expect((await push(sign("RELATED000", teamId, second.key))).status).toBe(200);
    expect((await push(sign("UNRELATED0", teamId, second.key))).reason).toBe("UnrelatedKeyIdInToken");
  });

  it.each([
    ["for some topics", "began with one for all", "TEAMKEY000", "TOPICKEY00"],
    ["for all topics", "began with one for some", "TOPICKEY00", "TEAMKEY000"],
  ])("%s are refused on a connection that %s", async (_kind, _began, first, second) => {
    const { apple, publicKey, teamId, sign } = await withKeys();
    apple.world.addSigningKey({ keyId: "TEAMKEY000", teamId, key: publicKey });
    apple.world.addSigningKey({ keyId: "TOPICKEY00", teamId, key: publicKey, topics: ["com.example.App"] });
    const peer = await http2(apple);
    const push = async (keyId: string) => (await peer.push({ headers: { authorization: sign(keyId) } })).reason;
    expect([await push(first), await push(second), await push(first)]).toEqual([
      undefined,
      "UnrelatedKeyIdInToken",
      undefined,
    ]);
  });

  it("of another team are refused on a connection that began with one", async () => {
    const { apple, publicKey, sign } = await withKeys();
    apple.world.addSigningKey({ keyId: "FOREIGN000", teamId: "OTHERTEAM0", key: publicKey });
    const peer = await http2(apple);
    expect((await peer.push()).status).toBe(200);
    const authorization = sign("FOREIGN000", "OTHERTEAM0");
    expect((await peer.push({ headers: { authorization } })).reason).toBe("InvalidProviderToken");
  });

  it("that are revoked stop working, also for tokens that were good before", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    expect((await peer.push()).status).toBe(200);
    apple.world.removeSigningKey(apple.credentials.keyId);
    expect((await peer.push()).reason).toBe("InvalidProviderToken");
  });
});

it("greets with exactly the SETTINGS that were observed in 2025", async () => {
  const apple = await start();
  const { socket, octets } = await rawHttp2(apple, 0, "bearer x");
  while (octets().length < 33) await once(socket, "data");
  expect(octets().subarray(0, 33).toString("hex")).toBe(
    // Header table 4096, one stream, frames of 16,384, header list 8000; no initial window size.
    "000018040000000000" + "000100001000" + "000300000001" + "000500004000" + "000600001f40",
  );
});

describe("the stream limit", () => {
  it("is 1 until the first valid provider token, then 1000, told before the answer", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    expect(peer.limits).toEqual([1]);
    expect(peer.session.remoteSettings).toMatchObject({
      headerTableSize: 4096,
      maxConcurrentStreams: 1,
      initialWindowSize: 65_535,
      maxFrameSize: 16_384,
      maxHeaderListSize: 8000,
    });
    expect((await peer.push({ headers: { authorization: "bearer x" } })).status).toBe(403);
    expect(peer.limits).toEqual([1]);
    const order: string[] = [];
    peer.session.on("remoteSettings", () => order.push("settings"));
    const stream = peer.session.request({
      ":method": "POST",
      ":path": `/3/device/${deviceToken}`,
      authorization: providerToken(apple),
      "apns-topic": "com.example.App",
    });
    stream.on("response", () => order.push("response"));
    stream.end("{}").resume();
    await once(stream, "close");
    expect(order).toEqual(["settings", "response"]);
    expect(peer.limits).toEqual([1, 1000]);
  });

  it("is 1000 at once with a certificate", async () => {
    const apple = await start();
    expect((await http2(apple, apple.credentials.tls)).limits).toEqual([1000]);
  });

  it("drops to 1 after a rejection that is no 410, if told so, and comes back with the next acceptance", async () => {
    const apple = await start({ quirks: { dropStreamLimitOnRejection: true } });
    apple.world.register([deviceToken, "dead".repeat(16)]);
    apple.world.unregister("dead".repeat(16));
    const peer = await http2(apple, apple.credentials.tls);
    await peer.push();
    await peer.push({ token: "dead".repeat(16) });
    expect(peer.limits).toEqual([1000]);
    await peer.push({ token: "ab".repeat(32) });
    await until(() => peer.limits.length === 2);
    await peer.push();
    expect(peer.limits).toEqual([1000, 1, 1000]);
  });

  it("lets hundreds of pushes overlap", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    await peer.push();
    const responses = await Promise.all(Array.from({ length: 500 }, () => peer.push()));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(responses.map(({ headers }) => headers["apns-id"])).size).toBe(500);
  });
});

describe("a client certificate", () => {
  it("stands in for provider tokens, which are not looked at", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple, apple.credentials.tls);
    expect((await peer.push()).status).toBe(200);
    expect((await peer.push({ headers: { authorization: "bearer nonsense" } })).status).toBe(200);
  });

  it("that lists several topics needs one named, and one of its own", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple, apple.credentials.tls);
    expect((await peer.push({ headers: { "apns-topic": undefined } })).reason).toBe("MissingTopic");
    expect((await peer.push({ headers: { "apns-topic": "com.example.App.voip" } })).status).toBe(200);
    expect((await peer.push({ headers: { "apns-topic": "com.example.App.location-query" } })).reason).toBe(
      "TopicDisallowed",
    );
    expect((await peer.push({ headers: { "apns-topic": "a b" } })).reason).toBe("BadTopic");
  });

  it("with one topic needs none named", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    const peer = await http2(apple, await issue(apple.authority, { topics: [] }));
    expect((await peer.push({ headers: { "apns-topic": undefined } })).status).toBe(200);
    expect(apple.received.at(-1)?.topic).toBe("com.example.App");
  });

  it.each([
    [
      "of the other environment",
      "BadCertificateEnvironment",
      (apple: Simulator) => issue(apple.authority, { environments: ["development"] }),
    ],
    ["of another authority", "BadCertificate", async () => issue(await Authority.create({ keyType: "ec" }))],
    [
      "that has expired",
      "BadCertificate",
      (apple: Simulator) => issue(apple.authority, { notBefore: new Date(0), notAfter: new Date(1e12) }),
    ],
    ["that is not for pushing", "BadCertificate", (apple: Simulator) => apple.authority.issueServer({ hosts: ["x"] })],
  ])("%s passes the handshake and gets GOAWAY with %s", async (_name, reason, make) => {
    const apple = await start();
    const peer = await http2(apple, await make(apple));
    await peer.closed;
    expect(peer.goAways).toEqual([{ code: 0, lastStreamId: 0, text: `{"reason":"${reason}"}` }]);
    expect(apple.stats().http2.received).toBe(0);
  });

  function issue(authority: CertificateAuthority, more = {}) {
    return authority.issuePushCertificate({
      bundleId: "com.example.App",
      teamId: "TEAM123456",
      environments: ["production", "development"],
      ...more,
    });
  }
});

describe("a client that does not speak HTTP/2", () => {
  it.each([["http/1.1"], [undefined]])("(ALPN %s) gets a SETTINGS frame and the end", async (protocol) => {
    const apple = await start();
    const { host, port, ca } = apple.http2;
    const socket = connectTls({
      host,
      port,
      ca: ca as string,
      servername: "localhost",
      ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
    });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await once(socket, "end");
    expect(Buffer.concat(chunks).toString("hex")).toMatch(/^0000180400000000000001000010000003/);
  });

  it("in version 1.1 of TLS is refused", async () => {
    const apple = await start();
    const { host, port, ca } = apple.http2;
    const socket = connectTls({
      host,
      port,
      ca: ca as string,
      servername: "localhost",
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "DEFAULT:@SECLEVEL=0",
    });
    await expect(once(socket, "secureConnect")).rejects.toThrow(/version|alert|SSL/i);
  });
});

describe("the wedged connection, if told so", () => {
  it("answers 500 once a provider token has expired on it", async () => {
    const apple = await start({ quirks: { wedgeAfterExpiredToken: true } });
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    const expired = providerToken(apple, { claims: { iat: hourAgo } });
    expect((await peer.push({ headers: { authorization: expired } })).reason).toBe("ExpiredProviderToken");
    const next = await peer.push();
    expect([next.status, next.reason]).toEqual([500, "InternalServerError"]);
    expect((await (await http2(apple)).push()).status).toBe(200);
  });
});

describe("a verdict of one's own", () => {
  it("decides in place of the faithful one, and can ask it", async () => {
    const { rejected } = await import("../src/index.ts");
    const apple = await start({
      verdict: (push, faithful) => (push.payload.includes("busy") ? rejected("TooManyRequests") : faithful()),
    });
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    expect((await peer.push()).status).toBe(200);
    const busy = await peer.push({ body: '{"busy":1}' });
    expect([busy.status, busy.reason]).toEqual([429, "TooManyRequests"]);
    expect((await peer.push({ token: "ab".repeat(32) })).reason).toBe("BadDeviceToken");
  });
});
