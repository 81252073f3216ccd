import { describe, expect, test } from "vitest";
import { InvalidArgumentError, PayloadTooLargeError } from "./errors.js";
import { type Notification, notification } from "./notification.js";
import { alert } from "./push-types/alert.js";
import { background } from "./push-types/background.js";

const sendingRequests =
  "https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns";
const text = (made: Notification): string => new TextDecoder().decode(made.encodedPayload);

describe("a notification", () => {
  test("of type alert puts custom keys beside aps", () => {
    const made = alert({
      topic: "com.example.App",
      aps: { alert: { title: "Hi" }, "thread-id": "t" },
      custom: { order: 7 },
    });
    expect(text(made)).toBe('{"aps":{"alert":{"title":"Hi"},"thread-id":"t"},"order":7}');
    expect(made).toMatchObject({
      pushType: "alert",
      topic: "com.example.App",
      priority: undefined,
      expiration: undefined,
      collapseId: undefined,
    });
  });

  test("of type background has priority 5 and content-available by itself", () => {
    const made = background({ custom: { sync: true } });
    expect(text(made)).toBe('{"aps":{"content-available":1},"sync":true}');
    expect(made).toMatchObject({ pushType: "background", priority: 5, topic: undefined });
  });

  test("gets the topic suffix of its push type, once", () => {
    const topic = (pushType: string, given: string) => notification({ pushType, topic: given, payload: {} }).topic;
    expect(topic("voip", "com.example.App")).toBe("com.example.App.voip");
    expect(topic("voip", "com.example.App.voip")).toBe("com.example.App.voip");
    expect(topic("liveactivity", "com.example.App")).toBe("com.example.App.push-type.liveactivity");
    expect(topic("alert", "com.example.App")).toBe("com.example.App");
    expect(topic("from-the-future", "com.example.App")).toBe("com.example.App");
  });

  test("keeps the three ways to expire apart", () => {
    const expiration = (given?: "default" | "once" | Date) =>
      alert({ aps: {}, ...(given === undefined ? {} : { expiration: given }) }).expiration;
    expect(expiration()).toBeUndefined();
    expect(expiration("default")).toBeUndefined();
    expect(expiration("once")).toBe(0);
    expect(expiration(new Date("2023-11-14T22:13:20.900Z"))).toBe(1_700_000_000);
  });

  test("cannot be changed, nor by changing what it was made from", () => {
    const custom = { order: 7 };
    const bytes = new TextEncoder().encode('{"aps":{}}');
    const fromObject = alert({ aps: {}, custom });
    const fromBytes = notification({ pushType: "alert", payload: bytes });
    // A Buffer is a Uint8Array whose `slice` copies nothing.
    const buffer = Buffer.from(bytes);
    const fromBuffer = notification({ pushType: "alert", payload: buffer });
    custom.order = 8;
    bytes[0] = 0;
    buffer[0] = 0;
    expect(text(fromObject)).toBe('{"aps":{},"order":7}');
    expect(text(fromBytes)).toBe('{"aps":{}}');
    expect(text(fromBuffer)).toBe('{"aps":{}}');
    expect(() => Object.assign(fromObject, { topic: "x" })).toThrow(TypeError);
  });

  test("sends JSON text and bytes verbatim", () => {
    const spaced = '{ "aps" : {} }';
    expect(text(notification({ pushType: "alert", payload: spaced }))).toBe(spaced);
    expect(text(notification({ pushType: "alert", payload: new TextEncoder().encode(spaced) }))).toBe(spaced);
  });

  test.each([
    [
      "priority",
      () => background({ priority: 10 as 5 }),
      `priority: 10 is not allowed for push type background; use 5. See ${sendingRequests}`,
    ],
    [
      "priority",
      () => alert({ aps: {}, priority: 7 as 5 }),
      `priority: 7 is not allowed for push type alert; use 1 or 5 or 10. See ${sendingRequests}`,
    ],
    [
      "collapseId",
      () => alert({ aps: {}, collapseId: "é".repeat(33) }),
      `collapseId: 66 bytes are more than the 64 APNs allows. See ${sendingRequests}`,
    ],
    ["collapseId", () => alert({ aps: {}, collapseId: "" }), "collapseId: an empty string is not a text."],
    [
      "collapseId",
      () => alert({ aps: {}, collapseId: "a\nb" }),
      'collapseId: "a\\nb" holds control characters, which no header can carry.',
    ],
    [
      "topic",
      () => alert({ aps: {}, topic: "com example" }),
      `topic: "com example" holds blanks or characters outside ASCII; a header takes visible ASCII only. See ${sendingRequests}`,
    ],
    ["expiration", () => alert({ aps: {}, expiration: new Date(Number.NaN) }), "expiration: the Date is invalid."],
    [
      "expiration",
      () => alert({ aps: {}, expiration: new Date("2200-01-01") }),
      "expiration: 2200-01-01T00:00:00.000Z is outside 1970 to 2106, what APNs can take.",
    ],
    [
      "expiration",
      () => alert({ aps: {}, expiration: 3600 as unknown as Date }),
      'expiration: 3600 is not "default", "once" or a Date.',
    ],
    [
      "payload",
      () => notification({ pushType: "alert", payload: "" }),
      `payload: is empty; APNs would answer PayloadEmpty. See ${sendingRequests}`,
    ],
    [
      "payload",
      () => notification({ pushType: "alert", payload: [] }),
      "payload: is not an object, a JSON text or bytes.",
    ],
    [
      "payloadLimit",
      () => alert({ aps: {}, payloadLimit: "http3" as "http2" }),
      'payloadLimit: "http3" is not "http2", "binary" or a number of bytes.',
    ],
    [
      "payloadLimit",
      () => alert({ aps: {}, payloadLimit: 0 }),
      "payloadLimit: 0 is not a whole number from 1 to 65535.",
    ],
    [
      "fit",
      () => alert({ aps: {}, fit: "shrink" as "truncate" }),
      'fit: "shrink" is not "truncate" or { truncate: [keys] }.',
    ],
    [
      "fit.truncate[1]",
      () => alert({ aps: {}, fit: { truncate: ["a", 1 as unknown as string] } }),
      "fit.truncate[1]: 1 is not a text.",
    ],
  ])("with a bad %s is refused by name", (field, make, message) => {
    const error = caught(make);
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({ code: "ERR_APNS_INVALID_ARGUMENT", field, message });
  });

  test("that cannot be written as JSON says why", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    expect(() => notification({ pushType: "alert", payload: loop })).toThrow(
      /payload: cannot be written as JSON: .*circular/i,
    );
  });

  test("may be as large as its push type allows, in bytes of UTF-8, and no larger", () => {
    const ofSize = (pushType: string, bytes: number) =>
      notification({ pushType, payload: `{"a":"${"x".repeat(bytes - 8)}"}` }).encodedPayload.length;
    expect(ofSize("alert", 4096)).toBe(4096);
    expect(ofSize("voip", 5120)).toBe(5120);
    expect(() => ofSize("alert", 4097)).toThrow(PayloadTooLargeError);
    expect(() => ofSize("voip", 5121)).toThrow(PayloadTooLargeError);
  });

  test("may be held to the limit of the legacy wire, or to one of your own", () => {
    const ofSize = (pushType: string, bytes: number, payloadLimit: "binary" | number) =>
      notification({ pushType, payload: `{"a":"${"x".repeat(bytes - 8)}"}`, payloadLimit }).encodedPayload.length;
    expect(ofSize("alert", 2048, "binary")).toBe(2048);
    expect(ofSize("voip", 4096, "binary")).toBe(4096);
    expect(ofSize("alert", 5120, 5120)).toBe(5120);
    expect(() => ofSize("alert", 2049, "binary")).toThrow(/but push type alert on the legacy wire allows 2048/);
    expect(() => ofSize("voip", 4097, "binary")).toThrow(/but push type voip on the legacy wire allows 4096/);
    expect(() => ofSize("alert", 257, 256)).toThrow(/257 bytes of UTF-8, but payloadLimit allows 256/);
  });

  test("that is too large names the surplus and the largest keys", () => {
    const object = { aps: { alert: { body: "é".repeat(2500), title: "t" } }, k: "v" };
    const expected = {
      code: "ERR_APNS_PAYLOAD_TOO_LARGE",
      message: expect.stringMatching(
        /^payload: 5049 bytes of UTF-8, but push type alert allows 4096: shorten it by 953 bytes \(largest keys, in bytes: aps\.alert\.body 5002, aps\.alert\.title 3, k 3\)\. See https:/,
      ),
      sizeBytes: 5049,
      limitBytes: 4096,
      largestKeys: [
        { key: "aps.alert.body", sizeBytes: 5002 },
        { key: "aps.alert.title", sizeBytes: 3 },
        { key: "k", sizeBytes: 3 },
      ],
    };
    for (const payload of [object, JSON.stringify(object), new TextEncoder().encode(JSON.stringify(object))]) {
      expect(caught(() => notification({ pushType: "alert", payload }))).toMatchObject(expected);
    }
    expect(caught(() => notification({ pushType: "alert", payload: "x".repeat(5000) }))).toMatchObject({
      sizeBytes: 5000,
      largestKeys: [],
    });
  });
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
