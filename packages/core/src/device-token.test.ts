import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assertDeviceToken,
  decodeDeviceToken,
  deviceTokenProblem,
  encodeDeviceToken,
  normalizeDeviceToken,
} from "./device-token.js";

describe("a device token", () => {
  test.each([
    ["of 32 bytes", "0f".repeat(32)],
    ["in upper case", "AB".repeat(32)],
    ["of 1 byte", "00"],
    ["of 200 bytes", "00".repeat(200)],
  ])("%s is well-formed", (_, deviceToken) => {
    expect(deviceTokenProblem(deviceToken)).toBeUndefined();
  });

  test.each([
    ["empty", "", "is empty."],
    ["odd", "abc", "3 hexadecimal digits do not make whole bytes: one is missing or too many."],
    ["too long", "00".repeat(201), "402 characters are more than the 400 allowed."],
    [
      "with a letter beyond f",
      "0g",
      'character 2 of 2 is not a hexadecimal digit (normalizeDeviceToken removes blanks, "<" and ">").',
    ],
    [
      "with a character beyond ASCII",
      "0é",
      'character 2 of 2 is not a hexadecimal digit (normalizeDeviceToken removes blanks, "<" and ">").',
    ],
    ["not a string", 7, "7 is not a device token; give its hexadecimal text."],
    ["missing", undefined, "undefined is not a device token; give its hexadecimal text."],
    ["bytes", new Uint8Array(32), "an object is not a device token; give its hexadecimal text."],
  ])("that is %s is refused and says why", (_, deviceToken, problem) => {
    expect(deviceTokenProblem(deviceToken)).toBe(problem);
    expect(() => assertDeviceToken(deviceToken)).toThrow(
      expect.objectContaining({ code: "ERR_APNS_INVALID_DEVICE_TOKEN", field: "deviceToken" }),
    );
  });

  test("survives the way to bytes and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        const deviceToken = encodeDeviceToken(bytes);
        expect(decodeDeviceToken(deviceToken)).toEqual(bytes);
        expect(decodeDeviceToken(deviceToken.toUpperCase())).toEqual(bytes);
        expect(deviceToken).toBe(Buffer.from(bytes).toString("hex"));
      }),
    );
  });

  test("as logged by old apps is brought into its usual form", () => {
    expect(normalizeDeviceToken("<0123ABCD 4567ef00>\n")).toBe("0123abcd4567ef00");
    expect(() => normalizeDeviceToken("<>")).toThrow("deviceToken: is empty.");
  });
});
