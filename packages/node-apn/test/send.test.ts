import { expect, test } from "vitest";
import { MultiProvider, ProviderError, type ResponseFailure } from "../src/index.js";
import { apnsId, gone, greeting, leadingTo, phone, providerOf, startApple, tokens, unknown } from "./setup.js";

test("answers by device, in the order of the recipients", async () => {
  const apple = await startApple();
  const provider = providerOf(apple);
  const { sent, failed } = await provider.send(greeting(), [phone, unknown, phone, gone]);
  expect(sent).toEqual([
    { device: phone, "apns-id": expect.any(String) },
    { device: phone, "apns-id": expect.any(String) },
  ]);
  expect(failed).toEqual([
    { device: unknown, "apns-id": expect.any(String), status: 400, response: { reason: "BadDeviceToken" } },
    {
      device: gone,
      "apns-id": expect.any(String),
      status: 410,
      response: { reason: "Unregistered", timestamp: 1_700_000_000_123 },
    },
  ]);
});

test("takes one recipient, and none", async () => {
  const provider = providerOf(await startApple());
  expect(await provider.send(greeting({ id: apnsId }), phone)).toEqual({
    sent: [{ device: phone, "apns-id": apnsId }],
    failed: [],
  });
  expect(await provider.send(greeting(), [])).toEqual({ sent: [], failed: [] });
});

test("sends topic, priority, expiry, push type and collapse id as they are", async () => {
  const apple = await startApple();
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  await providerOf(apple).send(greeting({ expiry, priority: 5, collapseId: "c", pushType: "voip" }), phone);
  expect(apple.received.at(-1)).toMatchObject({
    topic: "com.example.App",
    priority: 5,
    expiration: expiry,
    collapseId: "c",
    pushType: "voip",
    payload: '{"aps":{"alert":"Hi"}}',
  });
  await providerOf(apple).send(greeting(), phone);
  expect(apple.received.at(-1)).not.toHaveProperty("expiration");
});

test("an object with headers() and compile() is a notification", async () => {
  const apple = await startApple();
  const own = { headers: () => ({ "apns-topic": "com.example.App" }), compile: () => '{"aps":{"badge":1}}' };
  const { sent } = await providerOf(apple).send(own as never, phone);
  expect(sent).toHaveLength(1);
  expect(apple.received.at(-1)).toMatchObject({ payload: '{"aps":{"badge":1}}' });
});

test.each<[object, string, number, string]>([
  [{}, "xyz", 400, "BadDeviceToken"],
  [{}, `<${phone}>`, 400, "BadDeviceToken"],
  [{}, null as never, 400, "BadDeviceToken"],
  [{ id: "nope" }, phone, 400, "BadMessageId"],
  [{ topic: "a\nb" }, phone, 400, "BadTopic"],
  [{ pushType: "a b" }, phone, 400, "InvalidPushType"],
  [{ collapseId: "x".repeat(65) }, phone, 400, "BadCollapseId"],
  [{ collapseId: "a\tb" }, phone, 400, "BadCollapseId"],
  [{ expiry: 1.5 }, phone, 400, "BadExpirationDate"],
  [{ alert: "x".repeat(4096) }, phone, 413, "PayloadTooLarge"],
  [{ rawPayload: {} }, phone, 400, "PayloadEmpty"],
])("mistake %$ is answered as APNs would, without asking it", async (properties, device, status, reason) => {
  const apple = await startApple();
  const { sent, failed } = await providerOf(apple).send(greeting(properties), device);
  expect(sent).toEqual([]);
  expect(failed).toEqual([{ device, status, response: { reason } }]);
  expect(apple.stats().http2.received).toBe(0);
});

test.each<[object, string]>([
  [{ priority: 7 }, "BadPriority"],
  [{ pushType: "background", contentAvailable: 1 }, "BadPriority"],
  [{ topic: undefined }, "MissingTopic"],
  [{ topic: "com.example.Other" }, "TopicDisallowed"],
  [{ pushType: "zzz" }, "InvalidPushType"],
])("%j is for APNs to judge", async (properties, reason) => {
  const { failed } = await providerOf(await startApple()).send(greeting(properties), phone);
  expect(failed).toMatchObject([{ device: phone, status: 400, response: { reason } }]);
});

test.each(["InternalServerError", "ServiceUnavailable", "TooManyRequests", "ExpiredProviderToken"] as const)(
  "%s is an answer like any other",
  async (reason) => {
    const apple = await startApple();
    apple.faults.add({ type: "reject", reason });
    const { failed } = await providerOf(apple).send(greeting(), phone);
    expect(failed).toMatchObject([{ device: phone, status: expect.any(Number), response: { reason } }]);
    expect(failed[0]).not.toHaveProperty("error");
  },
);

test.each<[string, unknown]>([
  ["undefined", undefined],
  ["a plain object", { alert: "Hi" }],
  ["a payload that refers to itself", circular()],
])("%s in place of a notification fails for each device, and send does not reject", async (_, given) => {
  const provider = providerOf(await startApple());
  const { sent, failed } = await provider.send(given as never, [phone, gone]);
  expect(sent).toEqual([]);
  expect(failed).toEqual([
    { device: phone, error: expect.any(ProviderError) },
    { device: gone, error: expect.any(ProviderError) },
  ]);
  expect(failed[0]?.error).toMatchObject({ kind: "unsent", code: "ERR_APNS_INVALID_ARGUMENT" });
});

function circular(): unknown {
  const note = greeting();
  note.payload.self = note.payload;
  return note;
}

const kinds = (failed: readonly ResponseFailure[]): unknown[] => failed.map(({ error }) => error?.kind);

test("what was sent and not answered is said to be unconfirmed, and has its outcome", async () => {
  const apple = await startApple();
  apple.faults.add({ type: "cut", how: "rst", after: 1 });
  const { sent, failed } = await providerOf(apple).send(greeting(), [phone, phone, phone]);
  expect(sent).toHaveLength(1);
  expect(kinds(failed)).toContain("unconfirmed");
  const { error } = failed.find((failure) => failure.error?.kind === "unconfirmed")!;
  expect(error?.message).toMatch(/^Sent, but not answered: APNs may or may not have accepted it/);
  expect(error?.outcome).toMatchObject({ kind: "unconfirmed", deviceToken: phone });
  expect(error?.code).toBe("ERR_APNS_CONNECTION_LOST");
});

test("what waits behind a GOAWAY, or has its stream refused once, is sent all the same", async () => {
  const apple = await startApple({ unknownDeviceTokens: "accept" });
  apple.faults.add({ type: "goAway", reason: "Shutdown", after: 40, times: 1 });
  apple.faults.add({ type: "refuseStream", after: 5, times: 10 });
  const { sent, failed } = await providerOf(apple).send(greeting(), tokens(200));
  expect(failed).toEqual([]);
  expect(sent.map(({ device }) => device)).toEqual(tokens(200));
  expect(apple.stats().http2.accepted).toBe(200);
});

test("a request that is not answered ends by requestTimeout, from when it was sent", async () => {
  const apple = await startApple({ unknownDeviceTokens: "accept" });
  const hole = apple.faults.add({ type: "blackHole" });
  const { failed } = await providerOf(apple, { requestTimeout: 100 }).send(greeting(), phone);
  expect(kinds(failed)).toEqual(["unconfirmed"]);
  hole.remove();
  // 50 devices over one stream at 20 ms each take ten times as long as one of them may.
  apple.faults.add({ type: "settings", maxConcurrentStreams: 1 });
  apple.faults.add({ type: "delay", ms: 20 });
  const { sent } = await providerOf(apple, { requestTimeout: 500 }).send(greeting(), tokens(50));
  expect(sent).toHaveLength(50);
});

test("all that waits fails after connectionRetryLimit attempts to connect, and later sends succeed", async () => {
  const apple = await startApple();
  const refused = apple.faults.add({ type: "refuseConnections" });
  const provider = providerOf(apple, { connectionRetryLimit: 2 });
  const events: string[] = [];
  provider.transport.watchConnections(({ type }) => events.push(type));
  const { sent, failed } = await provider.send(greeting(), tokens(5000));
  expect(sent).toEqual([]);
  expect(failed).toHaveLength(5000);
  expect(failed[4999]).toMatchObject({ error: { kind: "unsent", code: "ERR_APNS_CONNECT_FAILED" } });
  expect(failed[0]?.error?.message).toContain("ECONNREFUSED");
  expect(events).toEqual(["failed", "failed"]);
  refused.remove();
  expect((await provider.send(greeting(), phone)).sent).toHaveLength(1);
});

test("MultiProvider has as many connections as clientCount says", async () => {
  const apple = await startApple({ unknownDeviceTokens: "accept" });
  apple.faults.add({ type: "settings", maxConcurrentStreams: 2 });
  apple.faults.add({ type: "delay", ms: 5 });
  const provider = new MultiProvider({ ...leadingTo(apple), clientCount: 3 });
  const { sent } = await provider.send(greeting(), tokens(300));
  await provider.shutdown();
  expect(sent).toHaveLength(300);
  expect(apple.stats().http2.connections).toBe(3);
});
