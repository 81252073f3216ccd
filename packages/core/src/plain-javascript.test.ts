// What does not compile in TypeScript is refused in plain JavaScript as well: misspelt options, and values of the wrong kind.
import { describe, expect, test } from "vitest";
import {
  alert,
  background,
  complication,
  controls,
  deadTokenHook,
  dropDeadTokens,
  eitherEnvironment,
  environmentMemory,
  failover,
  fileProvider,
  InMemoryTransport,
  inspectPayload,
  liveActivity,
  location,
  mdm,
  notification,
  observe,
  pushToTalk,
  rateLimit,
  splitTraffic,
  voip,
  widgets,
  withRetry,
} from "./sender.js";
import { sendAll } from "./sending/send-all.js";

const transport = new InMemoryTransport();
const hello = alert({ aps: { alert: "Hi" } });
const source = { notification: hello, deviceTokens: ["00ff"] };
const drop = (): void => {};
// biome-ignore lint/suspicious/noExplicitAny: a program without types
type Untyped = any;

/** The field and the message of the error that a call throws. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_APNS_INVALID_ARGUMENT", field: expect.any(String) });
    return (error as Error).message;
  }
  return "nothing was thrown";
}

describe("a misspelt option", () => {
  test.each<[string, (options: Untyped) => unknown, object, string]>([
    [
      "alert",
      alert,
      { aps: {}, collapseID: "a" },
      'collapseID: is no option of a notification. Do you mean "collapseId"?',
    ],
    ["alert's custom keys", alert, { aps: {}, cutsom: {} }, 'Do you mean "custom"?'],
    ["background", background, { expiry: 1 }, "expiry: is no option of a notification"],
    ["complication", complication, { aps: {} }, "aps: is no option of a notification"],
    ["controls", controls, { custom: {} }, "custom: is no option of a notification"],
    ["fileProvider", fileProvider, { containerIdentifier: "x", topics: "a" }, 'Do you mean "topic"?'],
    [
      "liveActivity.start",
      liveActivity.update,
      { aps: { "content-state": {} }, prioritty: 5 },
      'Do you mean "priority"?',
    ],
    ["location", location, { Topic: "a" }, 'Do you mean "topic"?'],
    ["mdm", mdm, { pushMagic: "x", topc: "a" }, 'Do you mean "topic"?'],
    ["notification", notification, { pushType: "alert", payload: {}, payLoad: {} }, 'Do you mean "payload"?'],
    ["pushToTalk", pushToTalk, { payloadLimits: 1 }, 'Do you mean "payloadLimit"?'],
    ["voip", voip, { collapse_id: "a" }, 'Do you mean "collapseId"?'],
    ["widgets", widgets, { fits: "truncate" }, 'Do you mean "fit"?'],
    [
      "the push type of a function",
      alert,
      { aps: {}, pushType: "voip" },
      "pushType: is set by the function for push type alert",
    ],
    ["the payload of a function", alert, { aps: {}, payload: {} }, "payload: is set by the function"],
    ["sendAll", (options) => sendAll(transport, source, options), { concurency: 1 }, 'Do you mean "concurrency"?'],
    [
      "rateLimit",
      (options) => rateLimit(transport, options),
      { perSecond: 1, persecond: 1 },
      'Do you mean "perSecond"?',
    ],
    ["withRetry", (options) => withRetry(transport, options), { attemps: 1 }, 'Do you mean "attempts"?'],
    ["failover", (options) => failover([transport], options), { cooldownMs: 1 }, 'Do you mean "coolDownMs"?'],
    ["splitTraffic", splitTraffic, { from: transport, to: transport, share: 0, Salt: "" }, 'Do you mean "salt"?'],
    ["deadTokenHook", deadTokenHook, { drop, registerdAt: drop }, 'Do you mean "registeredAt"?'],
    [
      "badDeviceTokens",
      deadTokenHook,
      { drop, badDeviceTokens: { maxshare: 1 } },
      'badDeviceTokens.maxshare: is no option of deadTokenHook. Do you mean "maxShare"?',
    ],
    [
      "dropDeadTokens",
      (options) => dropDeadTokens(transport, deadTokenHook({ drop }), options),
      { onErrors: drop },
      'Do you mean "onError"?',
    ],
    [
      "eitherEnvironment",
      eitherEnvironment,
      { production: transport, development: transport, sandbox: transport },
      "sandbox: is no option of eitherEnvironment",
    ],
    ["environmentMemory", environmentMemory, { maxTokens: 1 }, "maxTokens: is no option of environmentMemory"],
    ["InMemoryTransport", (options) => new InMemoryTransport(options), { outcomes: drop }, 'Do you mean "outcome"?'],
    ["inspectPayload", (options) => inspectPayload({}, options), { pushtype: "voip" }, 'Do you mean "pushType"?'],
  ])("of %s is refused with the nearest name", (_, call, options, message) => {
    expect(refusal(() => call(options))).toContain(message);
  });

  test("of close is refused with the nearest name", async () => {
    const message = 'timeout: is no option of close. Do you mean "timeoutMs"?';
    await expect(new InMemoryTransport().close({ timeout: 5 } as Untyped)).rejects.toMatchObject({ message });
    const limited = rateLimit(new InMemoryTransport(), { perSecond: 1 });
    expect(refusal(() => limited.close({ timeout: 5 } as Untyped))).toBe(message);
  });

  test("of send is refused with the nearest name", async () => {
    await expect(transport.send(hello, "00ff", { tiemoutMs: 5 } as Untyped)).rejects.toMatchObject({
      field: "tiemoutMs",
      message: 'tiemoutMs: is no option of send. Do you mean "timeoutMs"?',
    });
  });
});

describe("a value of the wrong kind", () => {
  test.each<[string, () => unknown, string]>([
    ["no options", () => (alert as Untyped)(), "options"],
    [
      "a badge that is a text",
      () => alert({ aps: { badge: "3" } } as Untyped),
      'aps.badge: the text "3" is not a whole number',
    ],
    ["a badge below 0", () => alert({ aps: { badge: -1 } }), "aps.badge: -1"],
    [
      "an alert that is a number",
      () => alert({ aps: { alert: 7 } } as Untyped),
      "aps.alert: 7 is not a text or an object",
    ],
    [
      "a title that is none",
      () => alert({ aps: { alert: { title: 7 } } } as Untyped),
      "aps.alert.title: 7 is not a text",
    ],
    [
      "a flag that is true",
      () => alert({ aps: { "mutable-content": true } } as Untyped),
      "aps.mutable-content: true is not 1",
    ],
    [
      "an unknown key",
      () => alert({ aps: { threadId: "a" } } as Untyped),
      'aps.threadId: is no key that Apple defines here. Do you mean "thread-id"?',
    ],
    ["a level unknown", () => alert({ aps: { "interruption-level": "loud" } } as Untyped), "aps.interruption-level"],
    [
      "a sound in the background",
      () => background({ aps: { "content-available": 1, sound: "a" } } as Untyped),
      "aps.sound",
    ],
    [
      "a date that is a text",
      () => liveActivity.end({ aps: { "dismissal-date": "now" } } as Untyped),
      "aps.dismissal-date",
    ],
    [
      "an alert that is a text",
      () => liveActivity.update({ aps: { "content-state": {}, alert: "Hi" } } as Untyped),
      "aps.alert",
    ],
    [
      "no transport",
      () => rateLimit(undefined as Untyped, { perSecond: 1 }),
      "transport: undefined is not a Transport",
    ],
    ["no transport to observe", () => observe({} as Untyped, {}), "transport: an object is not a Transport"],
    ["no transport to retry", () => withRetry(InMemoryTransport as Untyped), "transport"],
    ["no transports", () => failover([transport, null] as Untyped), "transports[1]: null"],
    ["no transport to split", () => splitTraffic({ from: transport, share: 0 } as Untyped), "to: undefined"],
    [
      "a salt that is no text",
      () => splitTraffic({ from: transport, to: transport, share: 0, salt: 1 } as Untyped),
      "salt: 1",
    ],
    ["no transport to send with", () => sendAll({} as Untyped, source), "transport: an object"],
    [
      "a callback that is none",
      () => sendAll(transport, source, { onProgress: {} } as Untyped),
      "onProgress: an object is not a function",
    ],
    ["a flag that is none", () => sendAll(transport, source, { ordered: "yes" } as Untyped), 'ordered: "yes"'],
    ["a signal that is none", () => sendAll(transport, source, { signal: "stop" } as Untyped), 'signal: "stop"'],
    ["no way to drop", () => deadTokenHook({} as Untyped), "drop: undefined is not a function"],
    ["a hook that is none", () => dropDeadTokens(transport, {} as Untyped, { onError: drop }), "hook: an object"],
    ["a rule that is none", () => failover([transport], { shouldFailOver: true } as Untyped), "shouldFailOver: true"],
    ["a policy that is none", () => withRetry(transport, 3 as Untyped), "options: 3 is not an object"],
  ])("%s is refused by its name", (_, call, message) => {
    expect(refusal(call)).toContain(message);
  });
});

test("what is undefined counts as absent", () => {
  const { encodedPayload } = alert({
    aps: { alert: "Hi", badge: undefined },
    custom: undefined,
    typo: undefined,
  } as Untyped);
  expect(new TextDecoder().decode(encodedPayload)).toBe('{"aps":{"alert":"Hi"}}');
});

test("a custom date is written as JSON writes it", () => {
  const { encodedPayload } = alert({ aps: { alert: "Hi" }, custom: { at: new Date(0) } });
  expect(new TextDecoder().decode(encodedPayload)).toBe('{"aps":{"alert":"Hi"},"at":"1970-01-01T00:00:00.000Z"}');
});

test("notification() takes keys that Apple has not defined yet", () => {
  const made = notification({ pushType: "alert", payload: { aps: { "new-in-2030": 1, badge: "3" } } });
  expect(new TextDecoder().decode(made.encodedPayload)).toBe('{"aps":{"new-in-2030":1,"badge":"3"}}');
});
