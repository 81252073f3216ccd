// The offsets of each field of a header block (RFC 7541, section 6). The codec decodes blocks as a whole.

export interface FieldBytes {
  readonly offset: number;
  readonly length: number;
  /** How it is represented, in words. */
  readonly how: string;
  /** False for what only sets the size of the table. */
  readonly isField: boolean;
}

/** @param block a whole header block, as an encoder wrote it */
export function splitHeaderBlock(block: Uint8Array): FieldBytes[] {
  const fields: FieldBytes[] = [];
  let offset = 0;
  while (offset < block.length) {
    const start = offset;
    const { prefixBits, how, literal, isField } = representationOf(block[offset]!);
    const [index, afterIndex] = integerAt(block, offset, prefixBits);
    offset = afterIndex;
    if (literal && index === 0) offset = afterText(block, offset);
    if (literal) offset = afterText(block, offset);
    fields.push({ offset: start, length: offset - start, how, isField });
  }
  return fields;
}

interface Representation {
  readonly prefixBits: number;
  readonly how: string;
  readonly literal: boolean;
  readonly isField: boolean;
}

const indexed = { prefixBits: 7, how: "a number from a table both sides know", literal: false, isField: true };
const kept = { prefixBits: 6, how: "spelt out once, and a number from then on", literal: true, isField: true };
const tableSize = { prefixBits: 5, how: "the size of that table", literal: false, isField: false };
const spelt = { prefixBits: 4, how: "spelt out, because it is another one each time", literal: true, isField: true };

function representationOf(first: number): Representation {
  if (first >= 0x80) return indexed;
  if (first >= 0x40) return kept;
  return first >= 0x20 ? tableSize : spelt;
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
