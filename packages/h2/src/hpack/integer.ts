// Integers (RFC 7541 section 5.1): N bits in the first octet, followed by groups of seven bits if the value does not
// fit.
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

/** Most octets of an encoded integer below 2^31. */
export const maxIntegerBytes = 6;

/**
 * Writes `value` with a prefix of N bits at `offset`; the bits above the prefix are `pattern`. Returns the offset after
 * it. The caller has reserved {@link maxIntegerBytes}.
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

/** Reads integers. The offset after the integer stands in a field, so that reading allocates nothing. */
export class IntegerReader {
  /** The offset after the integer read last. */
  offset = 0;

  /**
   * Reads the integer at `offset` with a prefix of N bits.
   * @throws HpackError if the octets end within the integer, or if it has more than four continuation octets (RFC 7541
   * section 5.1 allows a limit)
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
    // Four groups have 28 bits: more than any limit in use, without overflow. Trailing groups of zeros are refused as
    // well.
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
