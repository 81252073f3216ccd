// RFC 7541 section 5.1: an integer fills the low N bits of its first octet, and goes on in groups of seven bits if it must.
//
//     0   1   2   3   4   5   6   7
//   +---+---+---+---+---+---+---+---+
//   | ? | ? | ? | 1   1   1   1   1 |     N = 5
//   +---+---+---+-------------------+
//   | 1 |    Value-(2^N-1) LSB      |
//   +---+---------------------------+
//                  ...
//   | 0 |    Value-(2^N-1) MSB      |
//   +---+---------------------------+
import { HpackError } from "./hpack-error.js";

/** Octets an encoded integer can take here; values stay below 2^31. */
export const maxIntegerBytes = 6;

/**
 * Writes `value` with an N-bit prefix at `offset`; the bits above the prefix are `pattern`. Returns the offset after it.
 * The caller has made sure that {@link maxIntegerBytes} octets are free.
 */
export function encodeInteger(
  target: Uint8Array,
  offset: number,
  pattern: number,
  prefixBits: number,
  value: number,
): number {
  const limit = (1 << prefixBits) - 1;
  if (value < limit) {
    target[offset] = pattern | value;
    return offset + 1;
  }
  target[offset++] = pattern | limit;
  let rest = value - limit;
  while (rest >= 0x80) {
    target[offset++] = 0x80 | (rest & 0x7f);
    rest >>>= 7;
  }
  target[offset++] = rest;
  return offset;
}

/** Reads integers one after another; it remembers where it stopped, so that reading allocates nothing. */
export class IntegerReader {
  /** The offset after the integer read last. */
  offset = 0;

  /**
   * The integer at `offset` with an N-bit prefix.
   * @throws HpackError when the octets end within it, or when it does not fit 31 bits (RFC 7541 section 5.1 allows a limit)
   */
  read(source: Uint8Array, offset: number, end: number, prefixBits: number): number {
    if (offset >= end) throw new HpackError("HPACK_TRUNCATED", "the block ends where an integer should be");
    const limit = (1 << prefixBits) - 1;
    const first = source[offset]! & limit;
    if (first < limit) {
      this.offset = offset + 1;
      return first;
    }
    let value = limit;
    // Four groups carry 28 bits: more than any limit in use, and no overflow on the way. Trailing zero groups are cut off with them.
    for (let position = offset + 1, shift = 0; shift < 28; position++, shift += 7) {
      if (position >= end) throw new HpackError("HPACK_TRUNCATED", "the block ends within an integer");
      const octet = source[position]!;
      value += (octet & 0x7f) << shift;
      if (octet < 0x80) {
        this.offset = position + 1;
        return value;
      }
    }
    throw new HpackError("HPACK_INTEGER", "an integer is longer than four continuation octets");
  }
}
