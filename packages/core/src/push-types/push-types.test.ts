import { describe, expect, test } from "vitest";
import {
  alert,
  background,
  complication,
  controls,
  fileProvider,
  InvalidArgumentError,
  liveActivity,
  location,
  mdm,
  type Notification,
  notification,
  push,
  pushToTalk,
  voip,
  walletPass,
  widgets,
} from "../index.js";

const topic = "com.example.App";
const payloadOf = (made: Notification): unknown => JSON.parse(new TextDecoder().decode(made.encodedPayload));
const alerting = { title: "Order 7", body: { "loc-key": "ON_ITS_WAY", "loc-args": ["7"] }, sound: "default" };

interface Row {
  readonly name: string;
  readonly made: Notification;
  readonly payload: object;
  readonly pushType: string;
  readonly suffix?: string;
  /** @default the topic of all, with the suffix */
  readonly ofTopic?: string;
  readonly priority?: number;
  readonly expiration?: number;
}

const rows: readonly Row[] = [
  {
    name: "alert",
    made: alert({ topic, aps: { alert: { title: "Hi" }, badge: 0, sound: "default" }, custom: { order: 7 } }),
    pushType: "alert",
    payload: { aps: { alert: { title: "Hi" }, badge: 0, sound: "default" }, order: 7 },
  },
  {
    name: "background",
    made: background({ topic, custom: { sync: true } }),
    pushType: "background",
    priority: 5,
    payload: { aps: { "content-available": 1 }, sync: true },
  },
  {
    name: "location",
    made: location({ topic, priority: 5, custom: { askedBy: "7" } }),
    pushType: "location",
    suffix: ".location-query",
    priority: 5,
    payload: { aps: {}, askedBy: "7" },
  },
  {
    name: "voip",
    made: voip({ topic, custom: { caller: "Ada" } }),
    pushType: "voip",
    suffix: ".voip",
    expiration: 0,
    payload: { aps: {}, caller: "Ada" },
  },
  {
    name: "voip, as apps of old expect it",
    made: voip({ topic, aps: { alert: "Ada calls" }, expiration: "default" }),
    pushType: "voip",
    suffix: ".voip",
    payload: { aps: { alert: "Ada calls" } },
  },
  {
    name: "complication",
    made: complication({ topic, custom: { steps: 4711 } }),
    pushType: "complication",
    suffix: ".complication",
    payload: { aps: {}, steps: 4711 },
  },
  {
    name: "fileProvider",
    made: fileProvider({
      topic,
      containerIdentifier: "NSFileProviderWorkingSetContainerItemIdentifier",
      domain: "work",
    }),
    pushType: "fileprovider",
    suffix: ".pushkit.fileprovider",
    payload: { "container-identifier": "NSFileProviderWorkingSetContainerItemIdentifier", domain: "work" },
  },
  {
    name: "fileProvider without a domain",
    made: fileProvider({ topic, containerIdentifier: "folder-7" }),
    pushType: "fileprovider",
    suffix: ".pushkit.fileprovider",
    payload: { "container-identifier": "folder-7" },
  },
  {
    name: "mdm",
    made: mdm({ topic, pushMagic: "0E1B-MAGIC" }),
    pushType: "mdm",
    payload: { mdm: "0E1B-MAGIC" },
  },
  {
    name: "walletPass",
    made: walletPass({ topic: "pass.com.example.ticket" }),
    pushType: "background",
    ofTopic: "pass.com.example.ticket",
    priority: 5,
    payload: {},
  },
  {
    name: "liveActivity.start",
    made: liveActivity.start({
      topic,
      priority: 10,
      aps: {
        "attributes-type": "Delivery",
        attributes: { order: 7 },
        "content-state": { stage: "baking" },
        alert: alerting,
        timestamp: 1_700_000_000,
        "stale-date": new Date("2023-11-14T23:13:20.900Z"),
        "input-push-token": 1,
      },
    }),
    pushType: "liveactivity",
    suffix: ".push-type.liveactivity",
    priority: 10,
    payload: {
      aps: {
        event: "start",
        "attributes-type": "Delivery",
        attributes: { order: 7 },
        "content-state": { stage: "baking" },
        alert: alerting,
        timestamp: 1_700_000_000,
        "stale-date": 1_700_003_600,
        "input-push-token": 1,
      },
    },
  },
  {
    name: "liveActivity.update",
    made: liveActivity.update({
      topic,
      aps: { timestamp: new Date(1_700_000_000_999), "content-state": { stage: "on its way" }, "relevance-score": 75 },
      custom: { trace: "a1" },
    }),
    pushType: "liveactivity",
    suffix: ".push-type.liveactivity",
    payload: {
      aps: {
        event: "update",
        timestamp: 1_700_000_000,
        "content-state": { stage: "on its way" },
        "relevance-score": 75,
      },
      trace: "a1",
    },
  },
  {
    name: "liveActivity.end",
    made: liveActivity.end({ topic, aps: { timestamp: 1_700_000_000, "dismissal-date": new Date(1_700_000_060_000) } }),
    pushType: "liveactivity",
    suffix: ".push-type.liveactivity",
    payload: { aps: { event: "end", timestamp: 1_700_000_000, "dismissal-date": 1_700_000_060 } },
  },
  {
    name: "pushToTalk",
    made: pushToTalk({ topic, custom: { activeSpeaker: "Ada" } }),
    pushType: "pushtotalk",
    suffix: ".voip-ptt",
    priority: 10,
    expiration: 0,
    payload: { aps: {}, activeSpeaker: "Ada" },
  },
  {
    name: "widgets",
    made: widgets({ topic }),
    pushType: "widgets",
    suffix: ".push-type.widgets",
    payload: { aps: { "content-changed": true } },
  },
  {
    name: "controls",
    made: controls({ topic, collapseId: "light" }),
    pushType: "controls",
    suffix: ".push-type.controls",
    payload: { aps: { "content-changed": true } },
  },
];

describe("the function for a push type", () => {
  test.each(rows)("$name", ({ made, pushType, suffix = "", ofTopic, priority, expiration, payload }) => {
    expect(payloadOf(made)).toEqual(payload);
    expect(made).toMatchObject({ pushType, topic: ofTopic ?? topic + suffix, priority, expiration, truncated: [] });
    expect(Object.isFrozen(made)).toBe(true);
  });

  test("leaves the topic to the transport if it is given none", () => {
    for (const made of [background(), location(), voip(), complication(), pushToTalk(), widgets(), controls()]) {
      expect(made.topic).toBeUndefined();
    }
  });

  test("is in the namespace push under its own name", () => {
    expect(push).toEqual({
      alert,
      background,
      complication,
      controls,
      fileProvider,
      liveActivity,
      location,
      mdm,
      pushToTalk,
      voip,
      walletPass,
      widgets,
    });
    expect(Object.isFrozen(push)).toBe(true);
  });

  test.each(["mail", "calendar", "contact"])("sends no priority by default to the topics of %s", (app) => {
    const mail = {
      pushType: "background",
      topic: `com.apple.${app}.XServer.a`,
      payload: { aps: { "account-id": "a" } },
    };
    expect(notification(mail).priority).toBeUndefined();
    expect(notification({ ...mail, priority: 5 }).priority).toBe(5);
    expect(notification({ ...mail, topic: `com.example.${app}.x` }).priority).toBe(5);
  });

  test("stamps a Live Activity's content with the present", () => {
    const before = Math.floor(Date.now() / 1000);
    const { aps } = payloadOf(liveActivity.update({ aps: { "content-state": {} } })) as { aps: { timestamp: number } };
    expect(aps.timestamp).toBeGreaterThanOrEqual(before);
    expect(aps.timestamp).toBeLessThanOrEqual(Date.now() / 1000);
  });
});

const start = { "attributes-type": "Delivery", attributes: {}, "content-state": {}, alert: { title: "t", body: "b" } };
const activities = "activitykit/starting-and-updating-live-activities-with-activitykit-push-notifications";
const aps = "usernotifications/generating-a-remote-notification";

describe("a payload without what Apple requires is refused by name", () => {
  // What the compiler would not let through; JavaScript has none.
  test.each<[string, () => unknown, string, string]>([
    ["aps", () => alert({ alert: "Hi" } as never), "undefined is not an object with keys.", aps],
    ["aps", () => alert({ aps: "Hi" as never }), '"Hi" is not an object with keys.', aps],
    ["custom", () => alert({ aps: {}, custom: [1] }), "an array is not an object with keys.", aps],
    [
      "custom",
      () => voip({ custom: { aps: 1 } as never }),
      'holds a key "aps"; Apple\'s dictionary goes into `aps`.',
      aps,
    ],
    [
      "aps.attributes-type",
      () => liveActivity.start({ aps: { ...start, "attributes-type": "" } }),
      "an empty string is not a text.",
      activities,
    ],
    [
      "aps.attributes",
      () => liveActivity.start({ aps: { ...start, attributes: undefined as never } }),
      "undefined is not an object with keys.",
      activities,
    ],
    [
      "aps.content-state",
      () => liveActivity.start({ aps: { ...start, "content-state": [] } }),
      "an array is not an object with keys.",
      activities,
    ],
    [
      "aps.alert",
      () => liveActivity.start({ aps: { ...start, alert: "Hi" as never } }),
      '"Hi" is not an object with keys.',
      activities,
    ],
    [
      "aps.content-state",
      () => liveActivity.update({ aps: {} as never }),
      "undefined is not an object with keys.",
      activities,
    ],
    ["aps", () => liveActivity.end({} as never), "undefined is not an object with keys.", activities],
    [
      "aps.dismissal-date",
      () => liveActivity.end({ aps: { "dismissal-date": new Date(Number.NaN) } }),
      "the Date is invalid.",
      activities,
    ],
    [
      "pushMagic",
      () => mdm({ pushMagic: "" }),
      "an empty string is not a text.",
      "devicemanagement/sending-mdm-commands-to-a-device",
    ],
    [
      "containerIdentifier",
      () => fileProvider({} as never),
      "undefined is not a text.",
      "fileprovider/using-push-notifications-to-signal-changes",
    ],
    [
      "domain",
      () => fileProvider({ containerIdentifier: "a", domain: 7 as never }),
      "7 is not a text.",
      "fileprovider/using-push-notifications-to-signal-changes",
    ],
  ])("%s", (field, make, problem, page) => {
    const source = `https://developer.apple.com/documentation/${page}`;
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(expect.objectContaining({ field, source, message: `${field}: ${problem} See ${source}` }));
  });
});
