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
    ["too long", "00".repeat(201), "402 hexadecimal digits are more than the 400 allowed."],
    [
      "with a letter beyond f",
      "0g",
      'character 2 of 2, "g", is not a hexadecimal digit. The app makes the text of a device token by deviceToken.map { String(format: "%02x", $0) }.joined().',
    ],
    [
      "with a character beyond ASCII",
      "0é",
      'character 2 of 2, U+00E9, is not a hexadecimal digit. The app makes the text of a device token by deviceToken.map { String(format: "%02x", $0) }.joined().',
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

  const hex = "0f".repeat(32);
  const base64 = Buffer.alloc(32, 0xfb).toString("base64");
  test.each<[string, string, string, string]>([
    [
      "the description of iOS 13",
      "{length = 32, bytes = 0x0f0f0f0f ... 0f0f0f0f }",
      '1 of 47, "{"',
      "iOS 13 and later",
    ],
    ["that description in an odd length", "length = 32, bytes = 0x0f0f ... 0f", '1 of 34, "l"', "cut short"],
    [
      "the description of older systems",
      `<${hex.replace(/.{8}/g, "$& ").trim()}>`,
      '1 of 73, "<"',
      "normalizeDeviceToken",
    ],
    ["with blanks", `${hex} `, "65 of 65, a blank", "normalizeDeviceToken"],
    ["with a line end", `${hex}\r`, "65 of 65, U+000D", "normalizeDeviceToken"],
    ["with a byte order mark", `\ufeff${hex}`, "1 of 65, U+FEFF", "normalizeDeviceToken"],
    ["with 0x in front", `0x${hex}`, '2 of 66, "x"', '"0x"'],
    ["in quotation marks", `"${hex}"`, '1 of 66, "\\""', "quotation marks"],
    ["of Expo", "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]", '2 of 41, "x"', "Expo"],
    ["of Expo, of today", "ExpoPushToken[xxxxxxxxxxxxxxxxxxxxxx]", '2 of 37, "x"', "Expo"],
    ["of Firebase", `cS1xyzABCDEfghij:APA91b${"Hun4MxP5".repeat(16)}`, '2 of 151, "S"', "Firebase"],
    ["that is a UUID", "0F0F0F0F-0f0f-0f0f-0f0f-0f0f0f0f0f0f", '9 of 36, "-"', "UUID"],
    ["that is a Web Push address", "https://web.push.apple.com/QGHj", '1 of 31, "h"', "Web Push"],
    ["in base64", base64, '1 of 44, "+"', "base64"],
    ["in base64url", base64.replaceAll("+", "-").replaceAll("/", "_").replace("=", ""), '1 of 43, "-"', "base64"],
    ["that is a key", "-----BEGIN PRIVATE KEY-----\nMIGH", '1 of 32, "-"', "private key"],
    ["of blanks and something else", `${" ".repeat(4000)}x`, "1 of 4001, a blank", "String(format:"],
    ["that is no token at all, and long", "x".repeat(1_000_000), '1 of 1000000, "x"', "String(format:"],
  ])("%s is described by its first other character and by its form", (_, text, character, form) => {
    const problem = deviceTokenProblem(text);
    expect(problem).toContain(`character ${character}, is not a hexadecimal digit. `);
    expect(problem).toContain(form);
    expect(problem!.length).toBeLessThan(400);
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
    expect(normalizeDeviceToken(`\ufeff${hex.toUpperCase()}\r\n`)).toBe(hex);
    expect(() => normalizeDeviceToken("<>")).toThrow("deviceToken: is empty.");
    expect(() => normalizeDeviceToken("ExponentPushToken[xyz]")).toThrow("Expo");
    expect(() => normalizeDeviceToken("{length = 32, bytes = 0x0f0f ... 0f0f }")).toThrow("iOS 13");
  });

  test.each([undefined, null, 7, Buffer.alloc(32)])("%s cannot be normalized, by the declared error", (value) => {
    expect(() => normalizeDeviceToken(value as unknown as string)).toThrow(
      expect.objectContaining({ code: "ERR_APNS_INVALID_DEVICE_TOKEN", field: "deviceToken" }),
    );
  });
});
