import { expect, test } from "vitest";
import { Notification, type NotificationOptions, SilentNotification } from "../src/index.js";

test.each<[NotificationOptions, object]>([
  [{}, { aps: {} }],
  [{ alert: "a" }, { aps: { alert: "a" } }],
  [{ alert: "" }, { aps: {} }],
  [{ alert: { title: "t", body: "b" } }, { aps: { alert: { title: "t", body: "b" } } }],
  [{ badge: 0 }, { aps: { badge: 0 } }],
  [{ badge: "3" as never }, { aps: {} }],
  [{ sound: "s" }, { aps: { sound: "s" } }],
  [{ sound: { critical: 1, name: "s", volume: 1 } }, { aps: { sound: { critical: 1, name: "s", volume: 1 } } }],
  [{ category: "c", threadId: "t" }, { aps: { category: "c", "thread-id": "t" } }],
  [{ contentAvailable: true, mutableContent: true }, { aps: { "content-available": 1, "mutable-content": 1 } }],
  [{ contentAvailable: false, mutableContent: false }, { aps: { "content-available": 0, "mutable-content": 0 } }],
  [{ aps: { alert: "q", z: 1 }, alert: "r" }, { aps: { alert: "r", z: 1 } }],
  [
    { data: { user: 7 }, alert: "a" },
    { user: 7, aps: { alert: "a" } },
  ],
  [{ data: { aps: { x: 1 } }, alert: "a" }, { aps: { x: 1 } }],
])("%j makes the payload %j", (options, payload) => {
  const before = structuredClone(options);
  expect(new Notification("00", options).buildApnsOptions()).toEqual(payload);
  expect(options).toEqual(before);
});

test("push type and priority are alert and 10, of a silent one background and 5", () => {
  expect(new Notification("00")).toMatchObject({ pushType: "alert", priority: 10, options: {} });
  expect(new Notification("00", { type: "voip", priority: 1 })).toMatchObject({ pushType: "voip", priority: 1 });
  const silent = new SilentNotification("00", { data: { a: 1 }, topic: "t" });
  expect(silent).toMatchObject({ deviceToken: "00", pushType: "background", priority: 5, options: { topic: "t" } });
  expect(silent.buildApnsOptions()).toEqual({ a: 1, aps: { "content-available": 1 } });
  expect(silent).toBeInstanceOf(Notification);
});
