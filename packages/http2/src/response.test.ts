import { systemClock } from "@apns/core";
import type { HeaderFields } from "@apns/h2";
import { describe, expect, test } from "vitest";
import { parseHttpDate } from "./http-date.js";
import { outcomeOf, parseBody, parseRetryAfter } from "./response.js";

const facts = { deviceToken: "aa".repeat(32), apnsId: undefined, attempts: 1, explain: () => undefined };
const cut = `${"x".repeat(100)}… (14900 more)`;
const long = "x".repeat(15_000);

function answer(httpStatus: number, headers: Readonly<Record<string, string>>, body: unknown): unknown {
  const fields = new Map(Object.entries(headers)) as unknown as HeaderFields;
  const bytes = Buffer.from(JSON.stringify(body) ?? "");
  return outcomeOf(httpStatus, fields, bytes, facts, systemClock);
}

test("a reason and an id of any length are cut, and marked", () => {
  expect(answer(400, { "apns-id": long }, { reason: long })).toMatchObject({
    kind: "rejected",
    reason: cut,
    apnsId: cut,
  });
  expect(answer(200, { "apns-id": "one", "apns-unique-id": long }, undefined)).toMatchObject({
    kind: "accepted",
    apnsId: "one",
    apnsUniqueId: cut,
  });
});

test("so is the reason of a GOAWAY", () => {
  expect(parseBody(Buffer.from(JSON.stringify({ reason: long }))).reason).toBe(cut);
});

const now = Date.UTC(2026, 10, 30, 12);
const clock = { now: () => now };

describe("retry-after", () => {
  test.each([
    ["0", 0],
    ["7", 7_000],
    [" 7 ", 7_000],
    ["120", 120_000],
    // The longest delay of a timer.
    ["2147483", 2_147_483_000],
    ["2147483648", 2_147_483_647],
    ["9".repeat(40), 2_147_483_647],
    ["Mon, 30 Nov 2026 12:01:30 GMT", 90_000],
    ["Monday, 30-Nov-26 12:01:30 GMT", 90_000],
    ["Mon Nov 30 12:01:30 2026", 90_000],
    ["Mon, 30 Nov 2026 11:00:00 GMT", 0],
    ["Fri, 30 Nov 2096 12:00:00 GMT", 2_147_483_647],
  ])("%s is %i ms", (value, milliseconds) => {
    expect(parseRetryAfter(value, clock)).toBe(milliseconds);
  });

  test.each([
    "",
    "-5",
    "+5",
    "1.5",
    "1e3",
    "0x10",
    "garbage 7",
    "7 seconds",
    "soon",
    "2026-11-30",
    "2026-11-30T12:01:30Z",
    "30 Nov 2026 12:01:30 GMT",
    "Mon, 30 Nov 2026 12:01:30",
    "Mon, 31 Feb 2026 12:01:30 GMT",
    "Mon, 30 Nov 2026 25:01:30 GMT",
    "Mon, 30 nov 2026 12:01:30 GMT",
  ])("%j says nothing", (value) => {
    expect(parseRetryAfter(value, clock)).toBeUndefined();
  });
});

test.each([
  ["Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
  ["Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"],
  ["Thursday, 30-Nov-76 12:00:00 GMT", "2076-11-30T12:00:00.000Z"],
  ["Wednesday, 30-Nov-77 12:00:00 GMT", "1977-11-30T12:00:00.000Z"],
])("%s is %s", (text, iso) => {
  expect(parseHttpDate(text, now)?.toISOString()).toBe(iso);
});
