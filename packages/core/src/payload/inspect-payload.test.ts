import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alert, background, controls, fileProvider, liveActivity, mdm, voip, widgets } from "../sender.js";
import { type InspectPayloadOptions, inspectPayload } from "./inspect-payload.js";

/** Level, code and path of each finding. */
function inspect(
  payload: object | string | Uint8Array,
  pushType?: string,
  wire?: InspectPayloadOptions["wire"],
): string[] {
  const findings = inspectPayload(payload, { ...(pushType && { pushType }), ...(wire && { wire }) });
  return findings.map(({ level, code, path }) => `${level} ${code} ${path}`.trim());
}

const start = {
  event: "start",
  timestamp: 1_700_000_000,
  "content-state": { stage: 1 },
  "attributes-type": "Order",
  attributes: { id: 7 },
  alert: { title: "Order 7", body: "Ready" },
};
const update = { event: "update", timestamp: 1_700_000_000, "content-state": { stage: 1 } };

describe("a payload that APNs accepts and devices ignore", () => {
  test.each<[string, object | string | Uint8Array, string, string[]]>([
    ["nothing", "", "alert", ["error empty"]],
    ["no bytes", new Uint8Array(0), "alert", ["error empty"]],
    ["an array", "[]", "alert", ["error notObject"]],
    ["an array of objects, as an object", [{ aps: {} }], "alert", ["error notObject"]],
    ["a text", '"Hello"', "alert", ["error notObject"]],
    ["null", "null", "alert", ["error notObject"]],
    ["a trailing comma", '{"aps":{"alert":"Hi",}}', "alert", ["error notJson"]],
    ["no JSON", "{aps: 1}", "alert", ["error notJson"]],
    ["a circle", circular(), "alert", ["error notJson"]],
    ["a BigInt", { aps: { alert: "Hi" }, id: 1n }, "alert", ["error notJson"]],
    ["UTF-16, little endian", Buffer.from('\ufeff{"aps":{"alert":"Hi"}}', "utf16le"), "alert", ["error encoding"]],
    ["UTF-16 without a mark", Buffer.from('{"aps":{"alert":"Hi"}}', "utf16le"), "alert", ["error encoding"]],
    ["a byte order mark", Buffer.from('\ufeff{"aps":{"alert":"Hi"}}'), "alert", ["error encoding"]],
    ["a byte order mark in text", '\ufeff{"aps":{"alert":"Hi"}}', "alert", ["error encoding"]],
    ["Latin-1", Buffer.from('{"aps":{"alert":"é"}}', "latin1"), "alert", ["error encoding"]],
    ["too many bytes", { aps: { alert: "x".repeat(4096) } }, "alert", ["error tooLarge"]],
    ["aps that is no object", { aps: "Hi" }, "alert", ["error wrongKind aps"]],
    ["aps that is an array", { aps: ["Hi"] }, "alert", ["error wrongKind aps"]],
    ["no aps", { order: 7 }, "alert", ["error missingKey aps"]],
    ["nothing, as of a Wallet pass", {}, "alert", ["warning missingKey aps"]],
    ["an alert beside aps", { alert: "Hi" }, "alert", ["error misplacedKey alert", "error missingKey aps"]],
    ["a badge beside aps", { aps: { alert: "Hi" }, badge: 1 }, "alert", ["warning misplacedKey badge"]],
    ["nothing to notice", { aps: { "thread-id": "a" } }, "alert", ["warning missingKey aps"]],
    ["an alert that is a number", { aps: { alert: 7 } }, "alert", ["error wrongKind aps.alert"]],
    ["a badge that is a text", { aps: { alert: "Hi", badge: "3" } }, "alert", ["warning wrongKind aps.badge"]],
    ["null", { aps: { alert: "Hi", sound: null } }, "alert", ["warning wrongKind aps.sound"]],
    ["a title in aps", { aps: { title: "Hi", badge: 1 } }, "alert", ["warning misplacedKey aps.title"]],
    ["an unknown key of aps", { aps: { alert: "Hi", threadId: "a" } }, "alert", ["warning unknownKey aps.threadId"]],
    ["an unknown key of alert", { aps: { alert: { text: "Hi" } } }, "alert", ["warning unknownKey aps.alert.text"]],
    [
      "an unknown interruption level",
      { aps: { alert: "Hi", "interruption-level": "timeSensitive" } },
      "alert",
      ["warning wrongKind aps.interruption-level"],
    ],
    ["a volume beyond 1", { aps: { sound: { volume: 2 } } }, "alert", ["warning wrongKind aps.sound.volume"]],
    ["no content-available", { aps: {} }, "background", ["error missingKey aps.content-available"]],
    [
      "a flag that is a text",
      { aps: { "content-available": "1" } },
      "background",
      ["warning wrongKind aps.content-available"],
    ],
    [
      "a background alert",
      { aps: { "content-available": 1, alert: "Hi" } },
      "background",
      ["warning misplacedKey aps.alert"],
    ],
    ["widgets without the flag", { aps: {} }, "widgets", ["error missingKey aps.content-changed"]],
    [
      "widgets with a wrong flag",
      { aps: { "content-changed": 1 } },
      "widgets",
      ["error wrongKind aps.content-changed"],
    ],
    ["MDM without its key", { aps: {} }, "mdm", ["error missingKey mdm", "warning misplacedKey aps"]],
    ["a File Provider without its key", {}, "fileprovider", ["error missingKey container-identifier"]],
    [
      "a Live Activity with dates in milliseconds",
      { aps: { ...update, timestamp: 1_700_000_000_000, "stale-date": 1_700_000_000_000 } },
      "liveactivity",
      ["error milliseconds aps.timestamp", "error milliseconds aps.stale-date"],
    ],
    [
      "a Live Activity with a date as JavaScript writes it",
      { aps: { ...update, timestamp: new Date(0) } },
      "liveactivity",
      ["error wrongKind aps.timestamp"],
    ],
    [
      "a Live Activity without its state",
      { aps: { event: "update", timestamp: 1 } },
      "liveactivity",
      ["error missingKey aps.content-state"],
    ],
    [
      "a Live Activity without anything",
      { aps: {} },
      "liveactivity",
      ["error missingKey aps.event", "error missingKey aps.timestamp", "error missingKey aps.content-state"],
    ],
    [
      "the state beside aps",
      { aps: { event: "update", timestamp: 1 }, "content-state": {} },
      "liveactivity",
      ["error misplacedKey content-state"],
    ],
    [
      "a start with a text for an alert",
      { aps: { ...start, alert: "Hi" } },
      "liveactivity",
      ["error wrongKind aps.alert"],
    ],
    [
      "an update with a text for an alert",
      { aps: { ...update, alert: "Hi" } },
      "liveactivity",
      ["warning wrongKind aps.alert"],
    ],
    [
      "a start without attributes",
      { aps: { ...start, attributes: undefined } },
      "liveactivity",
      ["error missingKey aps.attributes"],
    ],
    [
      "an update with attributes and an end",
      { aps: { ...update, attributes: {}, "dismissal-date": 1 } },
      "liveactivity",
      ["warning misplacedKey aps.attributes", "warning misplacedKey aps.dismissal-date"],
    ],
    ["an unknown event", { aps: { ...update, event: "begin" } }, "liveactivity", ["error wrongKind aps.event"]],
  ])("is found: %s", (_, payload, pushType, findings) => {
    expect(inspect(payload, pushType)).toEqual(findings);
  });

  test("is explained, with the nearest key and the page", () => {
    expect(inspectPayload({ aps: { alert: "Hi", thread_id: "a" } })).toEqual([
      {
        level: "warning",
        code: "unknownKey",
        path: "aps.thread_id",
        problem: 'is no key that Apple defines here. Do you mean "thread-id"?',
        source: "https://developer.apple.com/documentation/usernotifications/generating-a-remote-notification",
      },
    ]);
    const problemOf = (payload: object | string, pushType = "alert"): string | undefined =>
      inspectPayload(payload, { pushType })[0]?.problem;
    expect(problemOf({ notification: { title: "Hi" } })).toContain("Firebase");
    expect(problemOf({ payload: { aps: { alert: "Hi" } } })).toContain('inside of "payload"');
    expect(problemOf('{"aps":{"alert":"a,}",}}')).toContain("Remove the comma");
    expect(problemOf('{"aps":{"alert":"a,}" "b"}}')).not.toContain("Remove the comma");
    expect(problemOf({ aps: { ...update, timestamp: 1_700_000_000_000 } }, "liveactivity")).toBe(
      "1700000000000 is in milliseconds; devices read seconds: 1700000000.",
    );
  });

  test("is measured by the limit of its wire", () => {
    const payload = { aps: { alert: "x".repeat(3000) } };
    expect(inspect(payload)).toEqual([]);
    expect(inspect(payload, "alert", "binary")).toEqual(["error tooLarge"]);
  });

  test("does not steer a terminal by the names of its keys, nor repeat a secret", () => {
    const key = `eyJ${"x9Y".repeat(20)}`;
    const aps = { alert: "Hi", "\u001b[2J": 1, [key]: 1, ["k".repeat(200)]: 1 };
    expect(inspect({ aps })).toEqual([
      "warning unknownKey aps.\\u001b[2J",
      "warning unknownKey aps.[text that looks like a provider token (JWT)]",
      `warning unknownKey aps.${"k".repeat(60)}…`,
    ]);
  });

  test("has at most a hundred findings", () => {
    const aps = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, 1]));
    expect(inspect({ aps: { ...aps, alert: "Hi" } })).toHaveLength(100);
  });
});

test.each([
  [
    "alert",
    alert({ aps: { alert: { title: "Hi", "loc-args": ["a"] }, badge: 0, sound: { critical: 1, volume: 0.5 } } }),
  ],
  ["alert", alert({ aps: { "content-available": 1 }, custom: { aps2: {}, order: { id: 7 } } })],
  ["background", background({ custom: { since: 1 } })],
  ["voip", voip({ custom: { caller: "Ada" } })],
  ["widgets", widgets()],
  ["controls", controls()],
  ["mdm", mdm({ topic: "com.apple.mgmt.External.x", pushMagic: "x" })],
  ["fileprovider", fileProvider({ containerIdentifier: "x" })],
  ["liveactivity", liveActivity.start({ aps: { ...start, event: "start", "input-push-token": 1 } })],
  [
    "liveactivity",
    liveActivity.update({ aps: { "content-state": {}, alert: { title: { "loc-key": "a" }, body: "b" } } }),
  ],
  ["liveactivity", liveActivity.end({ aps: { "dismissal-date": new Date() } })],
  ["newer", alert({ aps: {} })],
] as const)("the payload of a function for a push type has no fault: %s", (pushType, { encodedPayload }) => {
  expect(inspectPayload(encodedPayload, { pushType })).toEqual([]);
});

test("no payload makes it throw", () => {
  const pushTypes = [
    "alert",
    "background",
    "liveactivity",
    "mdm",
    "fileprovider",
    "widgets",
    "constructor",
    "__proto__",
  ];
  const aps = fc.dictionary(
    fc.constantFrom("alert", "badge", "event", "timestamp", "content-state", "x"),
    fc.jsonValue(),
  );
  const payload = fc.oneof(
    fc.record({ aps }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string(),
    fc.uint8Array(),
    fc.object(),
  );
  fc.assert(
    fc.property(payload, fc.constantFrom(...pushTypes), (given, pushType) => {
      for (const { level, problem, source } of inspectPayload(given, { pushType })) {
        expect([level === "error" || level === "warning", typeof problem, source.slice(0, 8)]).toEqual([
          true,
          "string",
          "https://",
        ]);
      }
    }),
  );
});

function circular(): object {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
}
