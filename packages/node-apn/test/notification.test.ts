import { describe, expect, test } from "vitest";
import { Notification, token } from "../src/index.js";

const payloadOf = (properties: object): unknown => JSON.parse(new Notification(properties).compile());

describe("a notification", () => {
  test.each([
    ["badge", 3, { badge: 3 }],
    ["sound", "ping.aiff", { sound: "ping.aiff" }],
    ["sound", { critical: 1, name: "alarm", volume: 0.5 }, { sound: { critical: 1, name: "alarm", volume: 0.5 } }],
    ["contentAvailable", true, { "content-available": 1 }],
    ["mutableContent", 1, { "mutable-content": 1 }],
    ["contentChanged", true, { "content-changed": true }],
    ["urlArgs", ["boarding", "A998"], { "url-args": ["boarding", "A998"] }],
    ["category", "INVITE", { category: "INVITE" }],
    ["targetContentIdentifier", "window", { "target-content-id": "window" }],
    ["threadId", "42", { "thread-id": "42" }],
    ["interruptionLevel", "passive", { "interruption-level": "passive" }],
    ["relevanceScore", 0.5, { "relevance-score": 0.5 }],
    ["filterCriteria", "work", { "filter-criteria": "work" }],
    ["timestamp", 5, { timestamp: 5 }],
    ["staleDate", 6, { "stale-date": 6 }],
    ["event", "update", { event: "update" }],
    ["contentState", { score: 1 }, { "content-state": { score: 1 } }],
    ["dismissalDate", 7, { "dismissal-date": 7 }],
    ["inputPushChannel", "c", { "input-push-channel": "c" }],
    ["inputPushToken", 1, { "input-push-token": 1 }],
    ["attributesType", "Game", { "attributes-type": "Game" }],
    ["attributes", { home: "A" }, { attributes: { home: "A" } }],
    ["alert", "Hi", { alert: "Hi" }],
    ["body", "Hi", { alert: "Hi" }],
    ["title", "T", { alert: { title: "T" } }],
    ["subtitle", "S", { alert: { subtitle: "S" } }],
    ["locKey", "K", { alert: { "loc-key": "K" } }],
    ["locArgs", ["a"], { alert: { "loc-args": ["a"] } }],
    ["titleLocKey", "K", { alert: { "title-loc-key": "K" } }],
    ["titleLocArgs", ["a"], { alert: { "title-loc-args": ["a"] } }],
    ["subtitleLocKey", "K", { alert: { "subtitle-loc-key": "K" } }],
    ["subtitleLocArgs", ["a"], { alert: { "subtitle-loc-args": ["a"] } }],
    ["action", "Open", { alert: { action: "Open" } }],
    ["actionLocKey", "K", { alert: { "action-loc-key": "K" } }],
    ["launchImage", "i.png", { alert: { "launch-image": "i.png" } }],
  ])("has %s as a property, in its constructor and as a chainable method", (name, value, aps) => {
    const byProperty = new Notification();
    (byProperty as unknown as Record<string, unknown>)[name] = value;
    const byMethod = new Notification();
    const method = `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const chained = (byMethod as unknown as Record<string, (value: unknown) => unknown>)[method]?.(value);
    expect(chained).toBe(byMethod);
    for (const note of [byProperty, byMethod, new Notification({ [name]: value })]) {
      expect(JSON.parse(note.compile())).toEqual({ aps });
    }
  });

  test("ignores a value of the wrong kind, and is rid of one by undefined", () => {
    const note = new Notification({ badge: 3, sound: "a", category: "c", urlArgs: ["a"] });
    Object.assign(note, { badge: "4", sound: null, category: 5, urlArgs: "b" });
    expect(JSON.parse(note.compile())).toEqual({ aps: { badge: 3, sound: "a", category: "c", "url-args": ["a"] } });
    Object.assign(note, { badge: undefined, sound: undefined, category: undefined, urlArgs: undefined });
    expect(note.compile()).toBe("{}");
  });

  test("reads as it was set, which node-apn's does not", () => {
    const note = new Notification({ alert: "a", badge: 3, contentAvailable: 1, mdm: "m" });
    expect([note.alert, note.badge, note.contentAvailable, note.mutableContent, note.mdm, note.body]).toEqual([
      "a",
      3,
      true,
      false,
      "m",
      "a",
    ]);
    expect(new Notification({ title: "t" }).title).toBe("t");
  });

  test("makes an alert of several parts out of a text", () => {
    expect(payloadOf({ alert: "a", title: "t" })).toEqual({ aps: { alert: { body: "a", title: "t" } } });
    expect(payloadOf({ title: "t", body: "b" })).toEqual({ aps: { alert: { title: "t", body: "b" } } });
  });

  test("has the sender's keys beside aps, a raw payload alone, and mdm alone", () => {
    expect(payloadOf({ payload: { from: "a", aps: { badge: 1 } }, alert: "b" })).toEqual({
      from: "a",
      aps: { alert: "b" },
    });
    expect(payloadOf({ rawPayload: { from: "a" }, alert: "b" })).toEqual({ from: "a" });
    expect(payloadOf({ mdm: "magic", alert: "b" })).toEqual({ mdm: "magic" });
  });

  test("is compiled as it is now, also after it was compiled before", () => {
    const note = new Notification({ alert: "one" });
    note.compile();
    note.alert = "two";
    expect(JSON.parse(note.compile())).toEqual({ aps: { alert: "two" } });
    expect(new Notification({ alert: "é😀" }).length()).toBe(26);
  });

  test.each([
    [{}, { "apns-priority": 10 }],
    [
      { expiry: 0, priority: 5 },
      { "apns-priority": 5, "apns-expiration": 0 },
    ],
    [{ expiry: -1 }, { "apns-priority": 10 }],
    [
      { topic: "t", id: "i", collapseId: "c", requestId: "r", channelId: "h", pushType: "voip" },
      {
        "apns-priority": 10,
        "apns-topic": "t",
        "apns-id": "i",
        "apns-collapse-id": "c",
        "apns-request-id": "r",
        "apns-channel-id": "h",
        "apns-push-type": "voip",
      },
    ],
  ])("with %j has the headers %j", (properties, headers) => {
    expect(new Notification(properties).headers()).toEqual(headers);
  });

  test("can be a class of its own", () => {
    class Greeting extends Notification {
      override compile(): string {
        return '{"aps":{"alert":"Ahoy"}}';
      }
    }
    expect(new Greeting({ topic: "t" })).toMatchObject({ topic: "t", expiry: -1 });
    expect(new Greeting().compile()).toBe('{"aps":{"alert":"Ahoy"}}');
  });
});

test.each([
  ["<ABcd 12>", "ABcd12"],
  [Buffer.from("00ff", "hex"), "00ff"],
])("token(%j) is %s", (input, digits) => {
  expect(token(input)).toBe(digits);
});

test.each(["", "xyz", 5, null])("token(%j) throws", (input) => {
  expect(() => token(input as string)).toThrow("Token has invalid length");
});
