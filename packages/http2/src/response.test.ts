import { systemClock } from "@apns/core";
import type { HeaderFields } from "@apns/h2";
import { expect, test } from "vitest";
import { outcomeOf, parseBody } from "./response.ts";

const facts = { deviceToken: "aa".repeat(32), apnsId: undefined, attempts: 1 };
const cut = `${"x".repeat(100)}… (14900 more)`;
const long = "x".repeat(15_000);

function answer(httpStatus: number, headers: Readonly<Record<string, string>>, body: unknown): unknown {
  const fields = new Map(Object.entries(headers)) as unknown as HeaderFields;
  const bytes = Buffer.from(JSON.stringify(body) ?? "");
  return outcomeOf(httpStatus, fields, bytes, facts, systemClock, () => undefined);
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
