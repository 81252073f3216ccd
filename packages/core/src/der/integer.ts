import { DerError, type DerReader, derTags } from "./reader.js";

/** Reads the next value, a non-negative INTEGER, as bytes without leading zeros. */
export function readUnsigned(reader: DerReader, what: string): Uint8Array {
  const { content } = reader.next(what, derTags.integer);
  if (content.length === 0) throw new DerError(`${what} is a number of no bytes.`);
  if (content[0]! >= 0x80) throw new DerError(`${what} is negative.`);
  return withoutZeros(content);
}

/** Reads the next value, an INTEGER of one byte, such as a version. */
export function readVersion(reader: DerReader, what: string): number {
  const bytes = readUnsigned(reader, what);
  if (bytes.length > 1) throw new DerError(`${what} is a number of ${bytes.length} bytes.`);
  return bytes[0] ?? 0;
}

export function withoutZeros(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}

/** The number of bits of a number without leading zeros. */
export function bitLength(bytes: Uint8Array): number {
  return bytes.length === 0 ? 0 : bytes.length * 8 - Math.clz32(bytes[0]!) + 24;
}

/** Whether the first of two numbers without leading zeros is the smaller. */
export function isBelow(bytes: Uint8Array, limit: Uint8Array): boolean {
  if (bytes.length !== limit.length) return bytes.length < limit.length;
  const at = bytes.findIndex((byte, index) => byte !== limit[index]);
  return at >= 0 && bytes[at]! < limit[at]!;
}
