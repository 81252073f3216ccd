import type { Buffer } from "node:buffer";
import { type Http2Error, usageFault } from "../errors.js";
import { encodeInteger } from "../hpack/integer.js";

/** A character that is not visible ASCII. */
const invisible = /[^!-~]/;

/**
 * Length from which a regular expression and `write` are faster than a loop: 150 ns instead of 200 for the 64 digits of
 * a device token.
 */
const longText = 40;

/**
 * Writes a string literal (RFC 7541 section 5.2) of `prefix` and `text` at `offset`, without Huffman code; returns the
 * offset after it.
 *
 * @throws Http2Error H2_USAGE unless `text` is visible ASCII, so that no value of a caller can change the rest of the
 * header list
 */
export function writeVisibleLiteral(target: Buffer, offset: number, prefix: Uint8Array, text: string): number {
  const bytes = prefix.length + text.length;
  let position = offset;
  if (bytes < 0x7f) target[position++] = bytes;
  else position = encodeInteger(target, position, 0x00, 7, bytes);
  for (let i = 0; i < prefix.length; i++) target[position++] = prefix[i]!;
  if (text.length >= longText) {
    if (invisible.test(text)) throw invisibleFault();
    return position + target.write(text, position, "latin1");
  }
  let bad = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // One of the differences is negative outside of 0x21..0x7e, which sets the sign bit.
    bad |= (unit - 0x21) | (0x7e - unit);
    target[position++] = unit;
  }
  if (bad < 0) throw invisibleFault();
  return position;
}

/**
 * Writes the value of a field as a string literal at `offset`, without Huffman code; returns the offset after it.
 *
 * @throws Http2Error H2_USAGE for a value that no field can have; see {@link checkField}
 */
export function writeFieldLiteral(target: Uint8Array, offset: number, name: string, value: string): number {
  const { length } = value;
  let position = offset;
  if (length < 0x7f) target[position++] = length;
  else position = encodeInteger(target, position, 0x00, 7, length);
  let rare = 0;
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    rare |= (unit - 0x21) | (0x7e - unit);
    target[position++] = unit;
  }
  if (rare < 0) checkField(name, value);
  return position;
}

function invisibleFault(): Http2Error {
  return usageFault("a variable value has a character that is not visible ASCII");
}

/** Copies octets. A loop is faster than `set` for up to 48 of them. */
export function copyOctets(target: Uint8Array, offset: number, source: Uint8Array, bytes: number): number {
  if (bytes > 48) target.set(bytes === source.length ? source : source.subarray(0, bytes), offset);
  else for (let i = 0; i < bytes; i++) target[offset + i] = source[i]!;
  return offset + bytes;
}

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that are refused
const badValue = /[\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]|^[ \t]|[ \t]$/;

/** Checks a field that is to be sent (RFC 9113 section 8.2.1). @throws Http2Error H2_USAGE */
export function checkField(name: string, value: string): void {
  if (!token.test(name.startsWith(":") ? name.slice(1) : name))
    throw usageFault(`${JSON.stringify(name)} is not a field name`);
  if (badValue.test(value)) throw usageFault(`the value of ${name} has a character that is not allowed`);
}
