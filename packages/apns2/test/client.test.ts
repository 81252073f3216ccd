import { generateKeyPairSync } from "node:crypto";
import { EventEmitter } from "node:events";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import {
  ApnsClient,
  ApnsError,
  Errors,
  Host,
  type NotificationOptions,
  SendError,
  SilentNotification,
} from "../src/index.js";
import { transportOptions } from "../src/options.js";
import { clientOf, gone, greeting, phone, startApple, tokens, unknown } from "./setup.js";

test("send returns the notification, and rejects with what APNs answered", async () => {
  const apple = await startApple();
  const client = clientOf(apple);
  const notification = greeting();
  expect(await client.send(notification)).toBe(notification);
  const refused = greeting(gone);
  const error: ApnsError = await client.send(refused).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ApnsError);
  expect(error).toMatchObject({
    message: "APNS Error: 410 - Unregistered",
    statusCode: 410,
    reason: "Unregistered",
    timestamp: 1_700_000_000_123,
    response: { reason: "Unregistered", timestamp: 1_700_000_000_123 },
  });
  expect(error.notification).toBe(refused);
});

test.each<[NotificationOptions, object]>([
  [{}, { topic: "com.example.App", pushType: "alert", payload: '{"aps":{"alert":"Hi"}}' }],
  [{ type: "voip" }, { topic: "com.example.App", pushType: "voip" }],
  [
    { priority: 5, collapseId: "c" },
    { priority: 5, collapseId: "c" },
  ],
  [{ expiration: 0 }, { expiration: 0 }],
  [{ expiration: 1_900_000_000 }, { expiration: 1_900_000_000 }],
  [{ expiration: new Date(1_900_000_000_000) }, { expiration: 1_900_000_000 }],
])("%j is sent as it is", async (options, received) => {
  const apple = await startApple();
  await clientOf(apple).send(greeting(phone, options));
  expect(apple.received.at(-1)).toMatchObject(received);
});

test("the usual priority and no expiration have no header", async () => {
  const apple = await startApple();
  const client = clientOf(apple);
  await client.send(greeting(phone, { priority: 10 }));
  expect(apple.received.at(-1)).not.toHaveProperty("priority");
  expect(apple.received.at(-1)).not.toHaveProperty("expiration");
  await client.send(new SilentNotification(phone));
  expect(apple.received.at(-1)).toMatchObject({ priority: 5, pushType: "background" });
});

test("each refusal is an event by its reason, and an error; a listener that throws changes nothing", async () => {
  const client = clientOf(await startApple());
  const events: unknown[] = [];
  client.on(Errors.badDeviceToken, ({ notification }) => events.push(notification.deviceToken));
  client.on(Errors.error, (error) => events.push(error));
  client.on(Errors.error, () => {
    throw new Error("of the listener");
  });
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  const error = await client.send(greeting(unknown)).catch((thrown) => thrown);
  expect(error).toMatchObject({ reason: "BadDeviceToken" });
  expect(events).toEqual([unknown, error]);
  expect((await warned).message).toContain("of the listener");
  expect(client).toBeInstanceOf(EventEmitter);
});

test("sendMany answers in the order of the notifications", async () => {
  const apple = await startApple();
  const client = clientOf(apple);
  const given = [greeting(), greeting(unknown), null as never, greeting(gone), greeting("xyz"), greeting()];
  const results = await client.sendMany(given);
  expect(results).toEqual([
    given[0],
    { error: expect.objectContaining({ reason: "BadDeviceToken", notification: given[1] }) },
    { error: expect.any(TypeError) },
    { error: expect.objectContaining({ reason: "Unregistered", timestamp: 1_700_000_000_123 }) },
    { error: expect.objectContaining({ reason: "BadDeviceToken", statusCode: 400 }) },
    given[5],
  ]);
  expect(await client.sendMany([])).toEqual([]);
});

test.each<[NotificationOptions, string, number, string]>([
  [{}, "xyz", 400, "BadDeviceToken"],
  [{}, undefined as never, 400, "BadDeviceToken"],
  [{ topic: "a b" }, phone, 400, "BadTopic"],
  [{ collapseId: "x".repeat(65) }, phone, 400, "BadCollapseId"],
  [{ expiration: 1.5 }, phone, 400, "BadExpirationDate"],
  [{ alert: "x".repeat(4096) }, phone, 413, "PayloadTooLarge"],
])("mistake %$ is refused as by APNs, without asking it", async (options, deviceToken, statusCode, reason) => {
  const apple = await startApple();
  const client = clientOf(apple);
  const notification = greeting(phone, options);
  Object.assign(notification, { deviceToken });
  await expect(client.send(notification)).rejects.toMatchObject({ statusCode, reason, notification });
  expect(apple.stats().http2.received).toBe(0);
});

test.each<[NotificationOptions, string]>([
  [{ priority: 7 as never }, "BadPriority"],
  [{ topic: "com.example.Other" }, "TopicDisallowed"],
])("%j is for APNs to judge", async (options, reason) => {
  await expect(clientOf(await startApple()).send(greeting(phone, options))).rejects.toMatchObject({ reason });
});

test("what was sent and not answered is told apart from what was not sent", async () => {
  const apple = await startApple();
  const cut = apple.faults.add({ type: "cut", how: "rst" });
  const listener = vi.fn();
  const client = clientOf(apple).on(Errors.error, listener);
  const unconfirmed: SendError = await client.send(greeting()).catch((thrown) => thrown);
  expect(unconfirmed).toBeInstanceOf(SendError);
  expect(unconfirmed).toMatchObject({
    kind: "unconfirmed",
    code: "ERR_APNS_CONNECTION_LOST",
    outcome: { kind: "unconfirmed" },
  });
  cut.remove();
  const refused = apple.faults.add({ type: "refuseConnections" });
  const unsent: SendError = await clientOf(apple)
    .send(greeting())
    .catch((thrown) => thrown);
  expect(unsent).toMatchObject({ kind: "unsent", code: "ERR_APNS_CONNECT_FAILED" });
  expect(unsent.message).toContain("ECONNREFUSED");
  expect(listener).not.toHaveBeenCalled();
  refused.remove();
  expect(await client.send(greeting())).toMatchObject({ deviceToken: phone });
});

test("what waits behind a GOAWAY is sent all the same", async () => {
  const apple = await startApple({ unknownDeviceTokens: "accept" });
  apple.faults.add({ type: "goAway", reason: "Shutdown", after: 40, times: 1 });
  const given = tokens(200).map((deviceToken) => greeting(deviceToken));
  expect(await clientOf(apple).sendMany(given)).toEqual(given);
  expect(apple.stats().http2.accepted).toBe(200);
});

test("a request that is not answered ends by requestTimeout", async () => {
  const apple = await startApple();
  apple.faults.add({ type: "blackHole" });
  const client = clientOf(apple, { requestTimeout: 100 });
  await expect(client.send(greeting())).rejects.toMatchObject({ kind: "unconfirmed", code: "ERR_APNS_TIMEOUT" });
});

test("close lets all that was given end, refuses what comes later, and can be called again", async () => {
  const apple = await startApple({ unknownDeviceTokens: "accept" });
  const client = clientOf(apple);
  const given = tokens(6000).map((deviceToken) => greeting(deviceToken));
  const sending = client.sendMany(given);
  const closing = client.close();
  await expect(client.send(greeting())).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
  await expect(client.sendMany([greeting()])).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
  expect(await sending).toEqual(given);
  await closing;
  await client.close();
});

test("destroy ends at once, and what was not answered fails", async () => {
  const apple = await startApple();
  apple.faults.add({ type: "blackHole" });
  const client = clientOf(apple);
  await client.ping();
  const sending = client.send(greeting()).catch((thrown) => thrown);
  await client.destroy();
  expect(await sending).toBeInstanceOf(SendError);
});

test("ping says whether there is a connection", async () => {
  const apple = await startApple();
  expect(await clientOf(apple).ping()).toEqual([{ status: "fulfilled", value: undefined }]);
  apple.faults.add({ type: "refuseConnections" });
  expect(await clientOf(apple).ping()).toMatchObject([
    { status: "rejected", reason: { code: "ERR_APNS_CONNECT_FAILED" } },
  ]);
});

test("the options become those of the transport, and errors of the constructor", async () => {
  const apple = await startApple();
  const { teamId: team, keyId, signingKey } = apple.credentials;
  const options = { team, keyId, signingKey };
  expect(transportOptions(options)).toMatchObject({
    environment: { host: Host.production },
    auth: { type: "token", keyId, teamId: team, key: signingKey },
    timeoutMs: 120_000,
  });
  expect(transportOptions({ ...options, host: "h", port: 1, requestTimeout: 5, keepAlive: false })).toMatchObject({
    environment: { host: "h", port: 1 },
    requestTimeoutMs: 5,
    idlePingMs: 2 ** 31 - 1,
  });
  expect(() => new ApnsClient({ ...options, signingKey: "zzz" })).toThrow(/auth\.key/);
  expect(() => new ApnsClient({ ...options, keyId: "k" })).toThrow(/auth\.keyId/);
});

test("the signing key may be in an object, and not encrypted; a log does not show it", async () => {
  const apple = await startApple();
  const { signingKey } = apple.credentials;
  const client = clientOf(apple, { signingKey: { key: signingKey, passphrase: undefined } });
  expect(await client.send(greeting())).toMatchObject({ deviceToken: phone });
  expect(inspect(client, { depth: 5 })).not.toContain("PRIVATE KEY");
  expect(clientOf(apple).signingKey).toBe(signingKey);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const cipher = { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "open" } as const;
  const key = privateKey.export(cipher);
  expect(() => clientOf(apple, { signingKey: { key, passphrase: "open" } })).toThrow(
    "auth.key: is encrypted and needs a passphrase; readPrivateKey of @apns/credentials opens it with that.",
  );
});

test("the modern transport is at hand", async () => {
  const client = clientOf(await startApple());
  expect(client.transport.protocol).toBe("http2");
  expect(client).toMatchObject({
    team: "TEAM123456",
    keyId: "KEY1234567",
    defaultTopic: "com.example.App",
    keepAlive: true,
  });
});
