import { expect, test } from "vitest";
import { evidenceOf } from "./retry-policy.js";

test.each([
  [200, "", "serves"],
  [400, "BadDeviceToken", "serves"],
  [400, "IdleTimeout", "leaves"],
  [403, "InvalidProviderToken", "refuses"],
  [403, "ExpiredProviderToken", "leaves"],
  [404, "BadPath", "serves"],
  [410, "Unregistered", "serves"],
  [413, "PayloadTooLarge", "serves"],
  [421, "", "refuses"],
  [429, "TooManyRequests", "refuses"],
  [429, "TooManyProviderTokenUpdates", "refuses"],
  [499, "", "serves"],
  [500, "InternalServerError", "fails"],
  [500, "", "fails"],
  [501, "", "refuses"],
  [502, "", "refuses"],
  [503, "ServiceUnavailable", "refuses"],
  [503, "Shutdown", "leaves"],
])("%d %s: the connection %s", (httpStatus, reason, evidence) => {
  expect(evidenceOf(httpStatus, reason)).toBe(evidence);
});
