// The control API as other languages use it: plain HTTP.
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type ControlOptions, type ControlServer, startControl } from "../src/control/index.ts";
import { ready } from "./control-peers.ts";
import { deviceToken, enhanced, http2, legacy, providerToken, start, until } from "./peers.ts";

/** Its number is longer than its curve: Node 20 ends its process at the first question about it. */
const oversizedKey = readFileSync(
  new URL("../../credentials/test/fixtures/undeclared/fail-3", import.meta.url),
  "utf8",
);

/** A request with headers that `fetch` would not send. */
async function raw(control: ControlServer, headers: Record<string, string>): Promise<number | undefined> {
  const request = requestHttp({ host: control.host, port: control.port, path: "/v1/stats", headers }).end();
  const [response] = await once(request, "response");
  response.resume();
  return response.statusCode;
}

describe("what the simulator knows", () => {
  it("is where it listens, and the credentials to get in", async () => {
    const { apple, ask } = await ready();
    const { host, port, servername } = apple.http2;
    const endpoints = await ask("GET", "/v1/endpoints");
    expect(endpoints.body).toMatchObject({ http2: { host, port, servername }, ca: apple.credentials.ca });
    expect(Object.keys(endpoints.body)).toEqual(["http2", "channels", "gateway", "feedback", "ca"]);
    expect((await ask("GET", "/v1/credentials")).body).toEqual(apple.credentials);
  });

  it("apps, keys and certificates can be added, and used", async () => {
    const { apple, ask } = await ready();
    const { teamId } = apple.credentials;
    const bundleId = "com.example.Second";
    expect(await ask("POST", "/v1/apps", { bundleId })).toEqual({ status: 201, body: { bundleId, teamId } });
    expect((await ask("GET", "/v1/apps")).body.apps).toHaveLength(2);
    const made = await ask("POST", "/v1/keys", { keyId: "MADE000000", topics: [bundleId] });
    expect(made).toEqual({
      status: 201,
      body: {
        keyId: "MADE000000",
        teamId,
        topics: [bundleId],
        signingKey: expect.stringMatching(/^-----BEGIN PRIVATE KEY/),
      },
    });
    await ask("POST", "/v1/device-tokens", { deviceTokens: [deviceToken], topic: bundleId });
    const peer = await http2(apple);
    const authorization = providerToken(apple, {
      key: made.body.signingKey,
      header: { alg: "ES256", kid: "MADE000000" },
    });
    const push = () => peer.push({ headers: { authorization, "apns-topic": bundleId } });
    expect((await push()).status).toBe(200);
    expect((await ask("DELETE", "/v1/keys/MADE000000")).status).toBe(204);
    expect((await push()).reason).toBe("InvalidProviderToken");
    expect(await ask("DELETE", "/v1/keys/MADE000000")).toMatchObject({
      status: 404,
      body: { error: { code: "ERR_APNS_CONTROL_NOT_FOUND" } },
    });
    expect((await ask("POST", "/v1/keys", { keyId: "WRONG00000", key: "no key" })).body.error.field).toBe("key");
    const refusals = [
      [oversizedKey, /^key: looks like a private key, but is damaged/],
      [generateKeyPairSync("ec", { namedCurve: "P-384" }), /^key: is a key of kind EC secp384r1, but provider tokens/],
      [generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 }), /^key: is a key of kind DSA, which/],
    ] as const;
    for (const [given, message] of refusals) {
      const key = typeof given === "string" ? given : given.privateKey.export({ type: "pkcs8", format: "pem" });
      expect(await ask("POST", "/v1/keys", { keyId: "WRONG00000", key })).toMatchObject({
        status: 400,
        body: { error: { field: "key", message: expect.stringMatching(message) } },
      });
    }
    const known = await ask("POST", "/v1/keys", { keyId: "KNOWN00000", key: apple.credentials.signingKey });
    expect(known.body).toEqual({ keyId: "KNOWN00000", teamId });

    const { cert, key } = (await ask("POST", "/v1/certificates", { bundleId, environments: ["production"] })).body;
    expect((await (await http2(apple, { cert, key })).push({ headers: { "apns-topic": bundleId } })).status).toBe(200);
    const expired = (await ask("POST", "/v1/certificates", { bundleId, notAfter: 1 })).status;
    expect(expired).toBe(400);
  });

  it("device tokens are registered, unregistered and forgotten; feedback is read and cleared", async () => {
    const { apple, ask } = await ready();
    const path = `/v1/device-tokens/${deviceToken.toUpperCase()}`;
    expect((await ask("GET", path)).status).toBe(404);
    expect((await ask("POST", "/v1/device-tokens", { deviceTokens: [deviceToken] })).status).toBe(204);
    expect((await ask("GET", path)).body).toEqual({ deviceToken, topic: "com.example.App", environment: "production" });
    const at = 1_700_000_000_000;
    await ask("POST", "/v1/device-tokens/unregister", { deviceTokens: [deviceToken], at });
    expect((await ask("GET", path)).body.unregisteredAt).toBe(at);
    const old = await legacy(apple);
    old.send(`${enhanced(1)}01 0000ffff 00000000 0000 0000`);
    await old.ended;
    const tuples = [{ deviceToken, unregisteredAt: at }];
    expect((await ask("GET", "/v1/feedback")).body).toEqual({ tuples });
    expect((await ask("DELETE", "/v1/feedback?bundleId=com.example.Other")).status).toBe(204);
    expect((await ask("GET", "/v1/feedback?bundleId=com.example.App")).body).toEqual({ tuples });
    await ask("DELETE", "/v1/feedback");
    expect((await ask("GET", "/v1/feedback")).body).toEqual({ tuples: [] });
    await ask("DELETE", path);
    expect((await ask("GET", path)).status).toBe(404);
    expect(await ask("POST", "/v1/device-tokens/unregister", { deviceTokens: [deviceToken] })).toMatchObject({
      status: 400,
      body: { error: { code: "ERR_APNS_INVALID_ARGUMENT", field: "deviceToken" } },
    });
  });

  it("channels are made, listed and deleted", async () => {
    const { apple, ask } = await ready();
    const made = await ask("POST", "/v1/channels", { messageStorage: "none" });
    const channel = { channelId: expect.any(String), bundleId: "com.example.App", messageStorage: "none" };
    expect(made).toEqual({ status: 201, body: channel });
    expect((await ask("GET", "/v1/channels")).body).toEqual({ channels: [made.body] });
    const path = `/v1/channels?channelId=${encodeURIComponent(made.body.channelId)}`;
    expect((await ask("DELETE", path)).status).toBe(204);
    expect((await ask("DELETE", path)).status).toBe(404);
    expect(apple.world.channels.list("com.example.App")).toEqual([]);
  });
});

describe("what goes wrong", () => {
  it("is switched on and off", async () => {
    const { apple, ask } = await ready();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    const fault = { type: "reject", reason: "ServiceUnavailable", times: 5 };
    expect(await ask("POST", "/v1/faults", fault)).toEqual({ status: 201, body: { id: 1, fault, fired: 0 } });
    expect((await peer.push()).status).toBe(503);
    expect((await ask("GET", "/v1/faults")).body).toEqual({ faults: [{ id: 1, fault, fired: 1 }] });
    expect((await ask("DELETE", "/v1/faults/1")).status).toBe(204);
    expect((await ask("DELETE", "/v1/faults/1")).status).toBe(404);
    expect((await peer.push()).status).toBe(200);
    await ask("POST", "/v1/faults", fault);
    expect((await ask("DELETE", "/v1/faults")).status).toBe(204);
    expect(apple.faults.active).toEqual([]);
  });

  it("includes quirks, and the gateway's maintenance", async () => {
    const { apple, ask } = await ready();
    expect((await ask("PATCH", "/v1/quirks", { errorContentType: true })).body).toEqual(apple.quirks);
    expect(apple.quirks.errorContentType).toBe(true);
    expect((await ask("GET", "/v1/quirks")).body).toEqual(apple.quirks);
    const old = await legacy(apple);
    await until(() => apple.stats().binary.connectionsOpen === 1);
    expect((await ask("POST", "/v1/gateway/shutdown")).status).toBe(204);
    expect(await old.ended).toBe("080a00000000");
  });
});

describe("what was received", () => {
  it("is queried by device token, topic, wire and verdict, and forgotten", async () => {
    const { apple, ask } = await ready();
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    for (let index = 0; index < 3; index++) await peer.push({ body: String(index) });
    await peer.push({ token: "ab".repeat(32) });
    const payloads = async (query: string) => {
      const { total, notifications } = (await ask("GET", `/v1/received${query}`)).body;
      return [total, notifications.map(({ payload }: { payload: string }) => payload)];
    };
    expect(await payloads(`?deviceToken=${deviceToken.toUpperCase()}`)).toEqual([3, ["0", "1", "2"]]);
    expect(await payloads("?topic=com.example.App&verdict=accepted&wire=http2&limit=2")).toEqual([3, ["1", "2"]]);
    expect(await payloads("?wire=binary")).toEqual([0, []]);
    expect((await ask("GET", "/v1/received")).body.notifications[0]).toEqual(apple.received.at(0));
    expect((await ask("DELETE", "/v1/received")).status).toBe(204);
    expect(await payloads("")).toEqual([0, []]);
    expect((await ask("GET", "/v1/stats")).body).toEqual(apple.stats());
  });
});

describe("reset", () => {
  it("makes everything as it was at the start", async () => {
    const { apple, ask } = await ready();
    const { channelId } = apple.world.channels.create("com.example.App");
    const phone = apple.world.connectDevice();
    apple.world.addApp({ bundleId: "com.example.Second", teamId: "X" });
    apple.world.removeSigningKey(apple.credentials.keyId);
    apple.world.unknownDeviceTokens = "accept";
    apple.quirks.idleTimeoutMs = 1000;
    apple.faults.add({ type: "reject", reason: "Shutdown" });
    await (await http2(apple)).push();
    expect((await ask("POST", "/v1/reset")).status).toBe(204);
    expect(apple.world.apps).toEqual([{ bundleId: "com.example.App", teamId: "TEAM123456" }]);
    expect([apple.world.deviceCount, apple.world.channels.get("com.example.App", channelId)]).toEqual([0, undefined]);
    expect([apple.world.unknownDeviceTokens, apple.quirks.idleTimeoutMs]).toEqual(["reject", 0]);
    expect([apple.faults.active, apple.received.length, apple.world.connectedDevices]).toEqual([[], 0, []]);
    expect(await phone.next()).toBeUndefined();
    expect((await (await http2(apple)).push()).reason).toBe("BadDeviceToken");
    expect(apple.stats().http2.received).toBe(2);
  });
});

describe("what is wrong", () => {
  it.each<[string, string, string, unknown, string]>([
    ["POST", "/v1/apps", "bundleId", {}, "bundleId is missing."],
    ["POST", "/v1/apps", "bundleId", { bundleId: 5 }, "bundleId must be string."],
    ["POST", "/v1/apps", "colour", { bundleId: "a", colour: "red" }, "colour is not a field there."],
    ["POST", "/v1/device-tokens", "deviceTokens[1]", { deviceTokens: ["ab", "xyz"] }, "must match pattern"],
    [
      "POST",
      "/v1/device-tokens",
      "topic",
      { deviceTokens: ["ab"], topic: "com.example.Unknown" },
      "no app has the topic",
    ],
    ["POST", "/v1/channels", "messageStorage", { messageStorage: "all" }, '"none", "mostRecent"'],
    ["POST", "/v1/faults", "fault.type", { type: "earthquake" }, "is not one of"],
    ["POST", "/v1/faults", "fault.how", { type: "cut" }, "is missing"],
    ["POST", "/v1/faults", "fault.share", { type: "blackHole", share: "0.5" }, "is not a probability"],
    ["PATCH", "/v1/quirks", "quirks.wobbly", { wobbly: true }, "no such field"],
    ["GET", "/v1/received?wire=carrier-pigeon", "wire", undefined, '"http2", "binary"'],
    ["GET", "/v1/received?limit=0", "limit", undefined, "must match pattern"],
  ])("%s %s: %s is named", async (method, path, field, body, message) => {
    const { ask } = await ready();
    expect(await ask(method, path, body)).toEqual({
      status: 400,
      body: { error: { code: "ERR_APNS_INVALID_ARGUMENT", field, message: expect.stringContaining(message) } },
    });
  });

  it("is answered as JSON in every case", async () => {
    const { control, ask } = await ready({ maxBodyBytes: 1024 });
    expect(await ask("GET", "/v2/stats")).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining("/openapi.json") } },
    });
    expect(await ask("POST", "/v1/apps", { bundleId: "x".repeat(2000) })).toMatchObject({
      status: 413,
      body: { error: { code: "FST_ERR_CTP_BODY_TOO_LARGE" } },
    });
    const post = (body: string, type: string) =>
      fetch(`${control.url}/v1/apps`, { method: "POST", body, headers: { "content-type": type } });
    expect((await post("{", "application/json")).status).toBe(400);
    const empty = await post("", "application/json");
    expect([empty.status, await empty.json()]).toMatchObject([400, { error: { field: "body" } }]);
    const reset = { method: "POST", headers: { "content-type": "application/json" } };
    expect((await fetch(`${control.url}/v1/reset`, reset)).status).toBe(204);
    expect((await post("<app/>", "application/xml")).status).toBe(415);
  });

  it.each<[string, ControlOptions]>([
    ["port", { port: 70_000 }],
    ["host", { host: "" }],
    ["maxBodyBytes", { maxBodyBytes: 1 }],
    ["maxDevices", { maxDevices: -1 }],
    ["allowedHosts[0]", { allowedHosts: [""] }],
  ])("includes the option %s", async (field, options) => {
    await expect(startControl(await start(), options)).rejects.toMatchObject({ field });
  });

  it("includes a port in use", async () => {
    const { apple, control } = await ready();
    await expect(startControl(apple, { port: control.port })).rejects.toMatchObject({ code: "ERR_APNS_LISTEN" });
  });
});

describe("web pages of others", () => {
  it.each([
    ["a name that was rebound", { host: "evil.example:8080" }, 403],
    ["another origin", { host: "localhost:1", origin: "http://evil.example" }, 403],
    ["an origin that is none", { host: "localhost:1", origin: "null" }, 403],
    ["the same origin", { host: "localhost:1", origin: "http://localhost:1" }, 200],
    ["an address", { host: "[::1]:99" }, 200],
    ["a name that is allowed", { host: "Apple:99" }, 200],
  ])("%s: %o is answered %i", async (_name, headers, status) => {
    const { control } = await ready({ allowedHosts: ["apple"] });
    expect(await raw(control, headers)).toBe(status);
  });

  it("cannot be devices either", async () => {
    const { control } = await ready();
    const socket = new WebSocket(`${control.url.replace("http", "ws")}/v1/devices/connect`, {
      origin: "http://evil.example",
    });
    const [error] = await once(socket, "error");
    expect((error as Error).message).toContain("403");
  });
});

describe("the description", () => {
  it("is an OpenAPI document of every route over HTTP, faults and quirks included", async () => {
    const { ask } = await ready();
    const { status, body } = await ask("GET", "/openapi.json");
    expect([status, body.openapi]).toEqual([200, "3.1.0"]);
    const routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual([
      "DELETE /v1/channels",
      "DELETE /v1/device-tokens/{deviceToken}",
      "DELETE /v1/faults",
      "DELETE /v1/faults/{id}",
      "DELETE /v1/feedback",
      "DELETE /v1/keys/{keyId}",
      "DELETE /v1/received",
      "GET /v1/apps",
      "GET /v1/channels",
      "GET /v1/credentials",
      "GET /v1/device-tokens/{deviceToken}",
      "GET /v1/devices",
      "GET /v1/endpoints",
      "GET /v1/faults",
      "GET /v1/feedback",
      "GET /v1/quirks",
      "GET /v1/received",
      "GET /v1/stats",
      "PATCH /v1/quirks",
      "POST /v1/apps",
      "POST /v1/certificates",
      "POST /v1/channels",
      "POST /v1/device-tokens",
      "POST /v1/device-tokens/unregister",
      "POST /v1/faults",
      "POST /v1/gateway/shutdown",
      "POST /v1/keys",
      "POST /v1/reset",
    ]);
    const { schema } = body.paths["/v1/faults"].post.requestBody.content["application/json"];
    expect(schema.oneOf.map(({ title }: { title: string }) => title)).toContain("goAway");
  });
});

describe("closing", () => {
  it("ends devices, frees the port, and leaves the simulator running", async () => {
    const { apple, control } = await ready();
    const socket = new WebSocket(`${control.url.replace("http", "ws")}/v1/devices/connect`);
    await once(socket, "open");
    await control[Symbol.asyncDispose]();
    await until(() => apple.world.connectedDevices.length === 0);
    await expect(fetch(`${control.url}/v1/stats`)).rejects.toThrow();
    expect((await (await http2(apple)).push()).reason).toBe("BadDeviceToken");
  });
});
