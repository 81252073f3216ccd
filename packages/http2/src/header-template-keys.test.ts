import { alert, background, type Notification } from "@apns/core";
import { describe, expect, test } from "vitest";
import { HeaderTemplateKeys } from "./header-template-keys.js";

let made = 0;
/** Each says something else. */
const hello = (options: Partial<Parameters<typeof alert>[0]> = {}): Notification =>
  alert({ aps: { alert: `Hi ${made++}` }, ...options });

describe("header template keys", () => {
  test("are the same for notifications that differ in the payload only", () => {
    const keys = new HeaderTemplateKeys();
    const first = hello({ priority: 5, collapseId: "score" });
    expect(keys.keyOf(first)).toBe(first);
    expect(keys.keyOf(first)).toBe(first);
    expect(keys.keyOf(hello({ priority: 5, collapseId: "score" }))).toBe(first);
  });

  test("differ by each field that is sent", () => {
    const keys = new HeaderTemplateKeys();
    const all = [
      hello(),
      background(),
      hello({ priority: 5 }),
      hello({ expiration: "once" }),
      hello({ expiration: new Date(1_700_000_000_000) }),
      hello({ topic: "com.example.Other" }),
      hello({ topic: "undefined" }),
      hello({ collapseId: "undefined" }),
      hello({ collapseId: "a" }),
      hello({ collapseId: " a" }),
    ];
    for (const one of all) expect(keys.keyOf(one)).toBe(one);
    // Also when they come in turn.
    expect(keys.keyOf(hello({ priority: 5 }))).toBe(all[2]);
    expect(keys.keyOf(hello({ collapseId: " a" }))).toBe(all[9]);
    expect(keys.keyOf(hello())).toBe(all[0]);
  });

  test("are forgotten when there are too many, and found again", () => {
    const keys = new HeaderTemplateKeys();
    const many = Array.from({ length: 200 }, (_, index) => hello({ collapseId: `id ${index}` }));
    for (const one of [...many, ...many]) expect(keys.keyOf(one).collapseId).toBe(one.collapseId);
  });
});
