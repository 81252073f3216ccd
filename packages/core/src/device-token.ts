import { hintAtForm, nameCharacter } from "./device-token-form.js";
import { InvalidArgumentError } from "./errors.js";
import { hexOf } from "./hex.js";
import { show } from "./internal/check.js";

/**
 * The longest device token accepted, in bytes. Apple names no figure for HTTP/2 and asks not to assume a length; the
 * legacy protocol's last documentation allowed 100. Ordinary app tokens are 32 bytes; Live Activity tokens are longer.
 */
export const maxDeviceTokenBytes = 200;

/** A regular expression is faster here, on the path of every send: 130 ns for 64 digits, where a loop takes 200. */
const notHexadecimal = /[^0-9a-fA-F]/;

/** 0–15 for a character code that is a hexadecimal digit of either case, else 255. */
const digitOf = new Uint8Array(128).fill(255);
for (let digit = 0; digit < 16; digit++) {
  digitOf[digit.toString(16).charCodeAt(0)] = digit;
  digitOf[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/**
 * Why a value is no device token, or `undefined` if it is well-formed: hexadecimal digits of either case, an even number of them,
 * 1 to 200 bytes. Well-formed says nothing about whether APNs knows it.
 *
 * A text that is not hexadecimal is described by its first other character and by what it looks like: a token of another service,
 * bytes as an app logged them, base64.
 */
export function deviceTokenProblem(deviceToken: unknown): string | undefined {
  if (typeof deviceToken !== "string") return `${show(deviceToken)} is not a device token; give its hexadecimal text.`;
  const { length } = deviceToken;
  if (length === 0) return "is empty.";
  const index = deviceToken.search(notHexadecimal);
  if (index !== -1) {
    const character = `character ${index + 1} of ${length}, ${nameCharacter(deviceToken, index)},`;
    return `${character} is not a hexadecimal digit. ${hintAtForm(deviceToken)}`;
  }
  if (length > maxDeviceTokenBytes * 2) {
    return `${length} hexadecimal digits are more than the ${maxDeviceTokenBytes * 2} allowed.`;
  }
  if (length % 2 !== 0) return `${length} hexadecimal digits do not make whole bytes: one is missing or too many.`;
  return undefined;
}

/**
 * Throws unless the device token is well-formed.
 * @throws {InvalidArgumentError} `ERR_APNS_INVALID_DEVICE_TOKEN`
 */
export function assertDeviceToken(deviceToken: unknown): asserts deviceToken is string {
  const problem = deviceTokenProblem(deviceToken);
  if (problem !== undefined) {
    throw new InvalidArgumentError("deviceToken", problem, { code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
  }
}

/**
 * The bytes of a device token.
 * @throws {InvalidArgumentError} `ERR_APNS_INVALID_DEVICE_TOKEN`
 */
export function decodeDeviceToken(deviceToken: string): Uint8Array {
  assertDeviceToken(deviceToken);
  const bytes = new Uint8Array(deviceToken.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    const high = digitOf[deviceToken.charCodeAt(index * 2)]!;
    const low = digitOf[deviceToken.charCodeAt(index * 2 + 1)]!;
    bytes[index] = (high << 4) | low;
  }
  return bytes;
}

/** The lower-case hexadecimal text of a device token's bytes. */
export function encodeDeviceToken(bytes: Uint8Array): string {
  return hexOf(bytes);
}

/**
 * The usual form (lower-case hexadecimal digits) of a device token as apps log and store it: `<0123abcd 4567…>`, with blanks, in
 * upper case, with a byte order mark.
 * @throws {InvalidArgumentError} `ERR_APNS_INVALID_DEVICE_TOKEN` if the rest is not a device token
 */
export function normalizeDeviceToken(text: string): string {
  const deviceToken = typeof text === "string" ? text.replace(/[\s<>]/g, "") : text;
  assertDeviceToken(deviceToken);
  return deviceToken.toLowerCase();
}
