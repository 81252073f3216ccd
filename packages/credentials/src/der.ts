// The little DER that Apple's own certificate extensions need: UTF8String and SEQUENCE.

export const utf8StringTag = 0x0c;
export const sequenceTag = 0x30;

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** One value, tag and length included. */
export function encodeDer(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...encodeLength(content.length)]), content]);
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

/**
 * The values that follow one another in `bytes`.
 * @throws {RangeError} if a length runs past the end: certificates come from anywhere
 */
export function decodeDer(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = bytes[offset++]!;
    let length = bytes[offset++] ?? Number.NaN;
    if (length >= 0x80) {
      let count = length & 0x7f;
      // Four bytes of length are 4 GiB; DER has no indefinite length (a count of zero).
      if (count === 0 || count > 4) throw new RangeError(`DER: a length of ${count} bytes.`);
      for (length = 0; count > 0; count--) length = length * 256 + (bytes[offset++] ?? Number.NaN);
    }
    if (!(offset + length <= bytes.length)) throw new RangeError("DER: a value runs past the end.");
    values.push({ tag, content: bytes.subarray(offset, offset + length) });
    offset += length;
  }
  return values;
}
