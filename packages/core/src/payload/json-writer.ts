// Writes JSON straight into bytes: the same octets as `JSON.stringify` and a TextEncoder, at a third of their time for the payloads
// that are sent most. V8 takes 3 ns for a character of a text in `stringify`; `encodeInto` and a look at each byte take 1.

const encoder = new TextEncoder();

/** There is no room, or the value is one that only `JSON.stringify` writes right. Nothing behind the offset counts then. */
export const notWritten = -1;

/** Deeper values are left to `JSON.stringify`, which also tells a cycle. */
const maxDepth = 16;

/** Shorter texts are written by a loop: a call of `encodeInto` costs as much as a loop over some 30 characters. */
const shortText = 32;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;

/**
 * Bytes of UTF-8 at which a text is given to `JSON.stringify`: what JSON escapes, and the first byte of U+FFFD, which is what the
 * encoder makes of a lone surrogate, where JSON has an escape.
 */
const isSpecial = new Uint8Array(256).fill(1, 0, 0x20);
isSpecial[quote] = 1;
isSpecial[backslash] = 1;
isSpecial[0xef] = 1;

/** Writes a text with its quotes; returns the offset after it, or {@link notWritten}. */
function writeText(target: Uint8Array, offset: number, text: string): number {
  if (offset + 2 > target.length) return notWritten;
  target[offset] = quote;
  const end = writeCharacters(target, offset + 1, text);
  if (end === notWritten || end === target.length) return notWritten;
  target[end] = quote;
  return end + 1;
}

/** Writes a text as it stands between quotes; returns the offset after it, or {@link notWritten}. */
export function writeCharacters(target: Uint8Array, offset: number, text: string): number {
  const { length } = text;
  if (offset + length * 3 > target.length) return notWritten;
  let position = offset;
  if (length < shortText) {
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f || isSpecial[unit] === 1) return writeEscaped(target, offset, text);
      target[position++] = unit;
    }
    return position;
  }
  const end = position + encoder.encodeInto(text, target.subarray(position)).written;
  return hasSpecial(target, position, end) ? writeEscaped(target, offset, text) : end;
}

/** Four bytes at a time: 200 instead of 320 ns for 230 bytes. */
function hasSpecial(bytes: Uint8Array, start: number, end: number): boolean {
  let found = 0;
  let i = start;
  for (; i + 3 < end; i += 4) {
    found |= isSpecial[bytes[i]!]! | isSpecial[bytes[i + 1]!]! | isSpecial[bytes[i + 2]!]! | isSpecial[bytes[i + 3]!]!;
  }
  for (; i < end; i++) found |= isSpecial[bytes[i]!]!;
  return found !== 0;
}

function writeEscaped(target: Uint8Array, offset: number, text: string): number {
  return writeUnescaped(target, offset, escapedText(text));
}

/** A text as it stands between the quotes of JSON. */
export function escapedText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Writes a text as it is, in UTF-8; returns the offset after it, or {@link notWritten}. */
export function writeUnescaped(target: Uint8Array, offset: number, json: string): number {
  if (offset + json.length * 3 > target.length) return notWritten;
  return offset + encoder.encodeInto(json, target.subarray(offset)).written;
}

/** Writes a value that JSON has: a text, a number, a boolean or null. Any other is {@link notWritten}. */
function writePrimitive(target: Uint8Array, offset: number, value: unknown): number {
  if (typeof value === "string") return writeText(target, offset, value);
  if (typeof value === "number") return writeLatin(target, offset, Number.isFinite(value) ? String(value) : "null");
  if (value === true) return writeLatin(target, offset, "true");
  if (value === false) return writeLatin(target, offset, "false");
  return value === null ? writeLatin(target, offset, "null") : notWritten;
}

/** Writes a short text of ASCII. */
function writeLatin(target: Uint8Array, offset: number, text: string): number {
  if (offset + text.length > target.length) return notWritten;
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
  return offset + text.length;
}

/** Whether a value is an object whose own keys are all that JSON has of it: no class, no Date, no `toJSON`. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) return false;
  return (value as { toJSON?: unknown }).toJSON === undefined;
}

/** Writes a value and all in it; returns the offset after it, or {@link notWritten}. */
export function writeJson(target: Uint8Array, offset: number, value: unknown, depth = 0): number {
  if (typeof value !== "object" || value === null) return writePrimitive(target, offset, value);
  if (depth === maxDepth || !isPlain(value)) return notWritten;
  return Array.isArray(value)
    ? writeArray(target, offset, value, depth)
    : writeObject(target, offset, value as Readonly<Record<string, unknown>>, depth);
}

function writeObject(
  target: Uint8Array,
  offset: number,
  object: Readonly<Record<string, unknown>>,
  depth: number,
): number {
  let position = offset;
  target[position++] = 0x7b;
  for (const key in object) {
    if (!Object.hasOwn(object, key)) continue;
    const value = object[key];
    // What JSON leaves out. Of a function, `toJSON` could make something.
    if (value === undefined) continue;
    if (position > offset + 1) target[position++] = comma;
    position = writeText(target, position, key);
    if (position === notWritten) return notWritten;
    target[position++] = colon;
    position = writeJson(target, position, value, depth + 1);
    if (position === notWritten) return notWritten;
  }
  if (position >= target.length) return notWritten;
  target[position++] = 0x7d;
  return position;
}

function writeArray(target: Uint8Array, offset: number, array: readonly unknown[], depth: number): number {
  let position = offset;
  target[position++] = 0x5b;
  for (let i = 0; i < array.length; i++) {
    if (i > 0) target[position++] = comma;
    position = writeJson(target, position, array[i], depth + 1);
    if (position === notWritten) return notWritten;
  }
  if (position >= target.length) return notWritten;
  target[position++] = 0x5d;
  return position;
}

/** Longer pieces are copied by a call, shorter ones by a loop, which is faster for them. */
const shortPiece = 32;

/** Copies bytes; returns the offset after them, or {@link notWritten}. */
export function writeBytes(target: Uint8Array, offset: number, bytes: Uint8Array): number {
  const { length } = bytes;
  if (offset + length > target.length) return notWritten;
  if (length > shortPiece) target.set(bytes, offset);
  else for (let i = 0; i < length; i++) target[offset + i] = bytes[i]!;
  return offset + length;
}
