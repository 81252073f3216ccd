import { expect, test } from "vitest";
import { rejectedByHttp, rejectedByStatus } from "./outcome.js";

const base = { deviceToken: "ab", apnsId: "id", attempts: 2 };

test("an HTTP refusal carries the table's rules and nothing it was not told", () => {
  expect(rejectedByHttp(base, { reason: "BadDeviceToken", httpStatus: 400 })).toEqual({
    kind: "rejected",
    ...base,
    reason: "BadDeviceToken",
    httpStatus: 400,
    retryable: false,
    dropToken: false,
  });
  const unregisteredAt = new Date(1_700_000_000_000);
  expect(rejectedByHttp(base, { reason: "Unregistered", httpStatus: 410, unregisteredAt })).toMatchObject({
    unregisteredAt,
    dropToken: true,
  });
  expect(rejectedByHttp(base, { reason: "TooManyRequests", httpStatus: 429, retryAfterMs: 5000 })).toMatchObject({
    retryAfterMs: 5000,
    retryable: true,
  });
});

test("a legacy refusal carries its status code and the reason of the same meaning", () => {
  expect(rejectedByStatus({ ...base, apnsId: undefined }, 8)).toEqual({
    kind: "rejected",
    ...base,
    apnsId: undefined,
    reason: "BadDeviceToken",
    statusCode: 8,
    retryable: false,
    dropToken: false,
  });
  expect(rejectedByStatus(base, 1)).toMatchObject({ reason: "InternalServerError", retryable: true });
});
