import { alert, background, type Notification } from "@apns/core";
import { expect, test } from "vitest";
import { HeaderValues } from "./header-values.js";

let made = 0;
/** Each says something else. */
const hello = (options: Partial<Parameters<typeof alert>[0]> = {}): Notification =>
  alert({ aps: { alert: `Hi ${made++}` }, ...options });

test("notifications in a row that differ in the payload only have the same list", () => {
  const values = new HeaderValues("com.example.App");
  const list = values.of(hello({ priority: 5, collapseId: "score" }));
  expect(list).toEqual(["com.example.App", "alert", "5", undefined, "score"]);
  expect(values.of(hello({ priority: 5, collapseId: "score" }))).toBe(list);
});

test("each field that is sent makes a difference", () => {
  const values = new HeaderValues("com.example.App");
  const topic = "com.example.App";
  const rows: [Notification, (string | undefined)[]][] = [
    [hello(), [topic, "alert", undefined, undefined, undefined]],
    [background(), [topic, "background", "5", undefined, undefined]],
    [hello({ priority: 5 }), [topic, "alert", "5", undefined, undefined]],
    [hello({ expiration: "once" }), [topic, "alert", undefined, "0", undefined]],
    [hello({ expiration: new Date(1_700_000_000_000) }), [topic, "alert", undefined, "1700000000", undefined]],
    [hello({ topic: "com.example.Other" }), ["com.example.Other", "alert", undefined, undefined, undefined]],
    [hello({ collapseId: "undefined" }), [topic, "alert", undefined, undefined, "undefined"]],
    [hello({ collapseId: "é" }), [topic, "alert", undefined, undefined, "\u00c3\u00a9"]],
    [hello({ collapseId: " a" }), [topic, "alert", undefined, undefined, " a"]],
  ];
  for (const [notification, list] of [...rows, ...rows.reverse()]) expect(values.of(notification)).toEqual(list);
});

test("without a topic, the field is left out", () => {
  expect(new HeaderValues(undefined).of(hello())[0]).toBeUndefined();
});
