import { Buffer } from "node:buffer";
import { FieldName } from "./field-name.js";
import { decodeHuffman } from "./huffman.js";

const slots = 64;
const slotBytes = 64;

/**
 * Cache of the names that a peer sends as literals, by their encoded octets, so that a name is decoded and checked
 * once. It holds 64 names of up to 64 octets, 4 KiB; a newer name replaces an older one in its slot.
 */
export class NameCache {
  #octets: Buffer = Buffer.alloc(slots * slotBytes);
  #lengths: number[] = new Array<number>(slots).fill(-1);
  #huffman: boolean[] = new Array<boolean>(slots).fill(false);
  #names: (FieldName | undefined)[] = new Array<FieldName | undefined>(slots).fill(undefined);

  /** The name that `source[start..end)` encodes; a valid Huffman string if `huffman`. */
  get(source: Buffer, start: number, end: number, huffman: boolean): FieldName {
    const length = end - start;
    if (length === 0 || length > slotBytes) return decodeName(source, start, end, huffman);
    const last = source[end - 1]!;
    const slot = (length * 7 + last * 3 + source[start]! + source[start + (length >>> 1)]! * 5) & (slots - 1);
    const base = slot * slotBytes;
    if (this.#lengths[slot] === length && this.#huffman[slot] === huffman) {
      let i = 0;
      while (i < length && this.#octets[base + i] === source[start + i]) i++;
      if (i === length) return this.#names[slot]!;
    }
    const name = decodeName(source, start, end, huffman);
    source.copy(this.#octets, base, start, end);
    this.#lengths[slot] = length;
    this.#huffman[slot] = huffman;
    this.#names[slot] = name;
    return name;
  }
}

function decodeName(source: Buffer, start: number, end: number, huffman: boolean): FieldName {
  if (!huffman) return new FieldName(source.toString("latin1", start, end));
  const octets = Buffer.allocUnsafe(Math.ceil(((end - start) * 8) / 5));
  return new FieldName(octets.toString("latin1", 0, decodeHuffman(source, start, end, octets, 0)));
}
