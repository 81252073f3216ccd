// Where each field of a header block begins and ends (RFC 7541, section 6). The codec decodes blocks as a whole.

export interface FieldBytes {
  readonly offset: number;
  readonly length: number;
  /** How it is represented, in words. */
  readonly how: string;
}

/** @param block a whole header block, as an encoder wrote it */
export function splitHeaderBlock(block: Uint8Array): FieldBytes[] {
  const fields: FieldBytes[] = [];
  let offset = 0;
  while (offset < block.length) {
    const start = offset;
    const first = block[offset]!;
    const { prefixBits, how, literal } = representationOf(first);
    const [index, afterIndex] = integerAt(block, offset, prefixBits);
    offset = afterIndex;
    if (literal && index === 0) offset = afterText(block, offset);
    if (literal) offset = afterText(block, offset);
    fields.push({ offset: start, length: offset - start, how });
  }
  return fields;
}

function representationOf(first: number): { prefixBits: number; how: string; literal: boolean } {
  if (first >= 0x80) return { prefixBits: 7, how: "a number from a table both sides know", literal: false };
  if (first >= 0x40) return { prefixBits: 6, how: "spelt out once, and a number from then on", literal: true };
  if (first >= 0x20) return { prefixBits: 5, how: "the size of the table", literal: false };
  return { prefixBits: 4, how: "spelt out, because it is another one each time", literal: true };
}

/** RFC 7541, section 5.1. */
function integerAt(block: Uint8Array, offset: number, prefixBits: number): [value: number, offset: number] {
  const most = 2 ** prefixBits - 1;
  let value = block[offset]! & most;
  let position = offset + 1;
  if (value < most) return [value, position];
  for (let shift = 0; ; shift += 7) {
    const octet = block[position++]!;
    value += (octet & 0x7f) * 2 ** shift;
    if (octet < 0x80) return [value, position];
  }
}

/** RFC 7541, section 5.2: a length, and so many octets. */
function afterText(block: Uint8Array, offset: number): number {
  const [length, start] = integerAt(block, offset, 7);
  return start + length;
}
