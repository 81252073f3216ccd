import { entryOverheadBytes } from "./dynamic-table.js";
import { encodeHuffman, huffmanLength } from "./huffman.js";
import { encodeInteger, maxIntegerBytes } from "./integer.js";
import { fieldKey, staticFieldIndex, staticNameIndex, staticTableLength } from "./static-table.js";

/**
 * Representation of a field: `table` inserts it into the dynamic table while there is room, and is an index from then
 * on; `none` is a literal each time, for values that do not repeat; `never` is a literal that intermediaries must not
 * index either (RFC 7541 section 7.1.3).
 */
export type FieldIndexing = "table" | "none" | "never";

/** The table is emptied once the literals that did not fit into it have cost this many times its size. */
const missedTablesBeforeFlush = 16;

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly size: number;
}

/**
 * HPACK encoder (RFC 7541). A connection has one.
 *
 * No insertion evicts an entry: an index stays valid until {@link HpackEncoder.stamp} changes, so that encoded blocks
 * can be kept and sent again. When the table is full of entries that are no longer used (an old authorization), it is
 * emptied as a whole, once the literals that did not fit have cost more octets than filling it again does.
 */
export class HpackEncoder {
  /** Changes whenever blocks encoded before may have become invalid, or could be encoded shorter. */
  stamp = 0;
  /** The next block must begin with a size update (RFC 7541 section 4.2). */
  updatePending = false;
  readonly #maxTableBytes: number;
  #limit: number;
  /** The table size that was announced to the peer's decoder. */
  #announced: number;
  #size = 0;
  #entries: Entry[] = []; // oldest first
  #evicted = 0; // number of #entries[0]
  readonly #fields: Map<string, number> = new Map(); // field key → entry number
  readonly #nameNumbers: Map<string, number> = new Map(); // name → number of its newest entry
  #smallestUpdate = 0;
  #missedBytes = 0;

  /**
   * @param maxTableBytes - largest dynamic table, even if the peer allows more
   * @param initialLimit - SETTINGS_HEADER_TABLE_SIZE of the peer before its first SETTINGS
   */
  constructor(maxTableBytes: number, initialLimit = 4096) {
    this.#maxTableBytes = maxTableBytes;
    this.#limit = Math.min(maxTableBytes, initialLimit);
    this.#announced = initialLimit;
  }

  /** Size of the table, in octets as RFC 7541 section 4.1 counts them. */
  get tableBytes(): number {
    return this.#size;
  }

  /** The entries of the table, newest first: for tests and diagnosis. */
  tableEntries(): string[] {
    return this.#entries.map((entry) => entry.key.replace("\0", ": ")).reverse();
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE has changed. */
  setPeerLimit(bytes: number): void {
    const limit = Math.min(bytes, this.#maxTableBytes);
    // A size below the one announced last must be confirmed by an update, even if the limit of this side is lower
    // still.
    if (limit === this.#limit && bytes >= this.#announced) return;
    this.#resize(limit);
  }

  /**
   * Writes the pending size updates; returns the offset after them. At most two: the smallest since the last block, and
   * the final one.
   */
  writeUpdates(target: Uint8Array, offset: number): number {
    if (!this.updatePending) return offset;
    this.updatePending = false;
    let position = offset;
    if (this.#smallestUpdate < this.#limit) position = encodeInteger(target, position, 0x20, 5, this.#smallestUpdate);
    return encodeInteger(target, position, 0x20, 5, this.#limit);
  }

  /** Counts octets of literals that did not fit into the table; it is emptied when they are many. */
  noteMissed(bytes: number): void {
    this.#missedBytes += bytes;
    if (this.#limit === 0 || this.#missedBytes < this.#limit * missedTablesBeforeFlush) return;
    const limit = this.#limit;
    this.#resize(0);
    this.#resize(limit);
  }

  /**
   * Writes one field; returns the offset after it. The caller has reserved {@link maxFieldBytes}, and writes pending
   * size updates at the beginning of the block.
   *
   * @param huffman - false for values that do not repeat: to encode them costs more than the octets saved
   */
  encodeField(
    target: Uint8Array,
    offset: number,
    name: string,
    value: string,
    indexing: FieldIndexing,
    huffman: boolean,
  ): number {
    if (indexing === "table") {
      const key = fieldKey(name, value);
      const staticIndex = staticFieldIndex.get(key);
      if (staticIndex !== undefined) return encodeInteger(target, offset, 0x80, 7, staticIndex);
      const number = this.#fields.get(key);
      if (number !== undefined) return encodeInteger(target, offset, 0x80, 7, this.#index(number));
      const nameIndex = this.nameIndex(name);
      const size = name.length + value.length + entryOverheadBytes;
      if (this.#size + size <= this.#limit) {
        const end = writeLiteral(target, offset, 0x40, 6, nameIndex, name, value, huffman);
        this.#insert({ key, name, size });
        return end;
      }
      const end = writeLiteral(target, offset, 0x00, 4, nameIndex, name, value, huffman);
      this.missedInBlock += end - offset;
      return end;
    }
    const nameIndex = this.nameIndex(name);
    return writeLiteral(target, offset, indexing === "never" ? 0x10 : 0x00, 4, nameIndex, name, value, huffman);
  }

  /** Index of the static or dynamic entry with this name, or 0. Valid until {@link HpackEncoder.stamp} changes. */
  nameIndex(name: string): number {
    return staticNameIndex.get(name) ?? this.#dynamicNameIndex(name);
  }

  /** Number of the dynamic entry of a field, for {@link writeIndex}; undefined if there is none. */
  entryOf(name: string, value: string): number | undefined {
    return this.#fields.get(fieldKey(name, value));
  }

  /** Whether the table still has the entry with this number. Numbers are never used again. */
  holds(entry: number): boolean {
    return entry >= this.#evicted;
  }

  /** Writes the index of an entry that the table holds; returns the offset after it. */
  writeIndex(target: Uint8Array, offset: number, entry: number): number {
    return encodeInteger(target, offset, 0x80, 7, this.#index(entry));
  }

  /** Whether a field fits into the first half of the table. The other half is for fields that are certain to recur. */
  hasSpareRoom(name: string, value: string): boolean {
    return this.#size + name.length + value.length + entryOverheadBytes <= this.#limit >> 1;
  }

  /** Octets of literals that did not fit into the table, since the caller has set this to 0; for {@link noteMissed}. */
  missedInBlock = 0;

  #insert(entry: Entry): void {
    const number = this.#evicted + this.#entries.push(entry) - 1;
    this.#fields.set(entry.key, number);
    this.#nameNumbers.set(entry.name, number);
    this.#size += entry.size;
    this.stamp++;
  }

  #index(number: number): number {
    return staticTableLength + this.#evicted + this.#entries.length - number;
  }

  #dynamicNameIndex(name: string): number {
    const number = this.#nameNumbers.get(name);
    return number === undefined ? 0 : this.#index(number);
  }

  #resize(limit: number): void {
    this.#smallestUpdate = this.updatePending ? Math.min(this.#smallestUpdate, limit) : limit;
    this.updatePending = true;
    this.#limit = limit;
    this.#announced = limit;
    this.#missedBytes = 0;
    let gone = 0;
    while (this.#size > limit) {
      const entry = this.#entries[gone]!;
      this.#size -= entry.size;
      const number = this.#evicted + gone;
      if (this.#fields.get(entry.key) === number) this.#fields.delete(entry.key);
      if (this.#nameNumbers.get(entry.name) === number) this.#nameNumbers.delete(entry.name);
      gone++;
    }
    this.#entries.splice(0, gone);
    this.#evicted += gone;
    this.stamp++;
  }
}

/** Most octets that {@link HpackEncoder.encodeField} writes for a field. */
export function maxFieldBytes(name: string, value: string): number {
  return maxIntegerBytes * 3 + name.length + value.length;
}

/** Most octets that {@link HpackEncoder.writeUpdates} writes. */
export const maxUpdateBytes: number = maxIntegerBytes * 2;

function writeLiteral(
  target: Uint8Array,
  offset: number,
  pattern: number,
  prefixBits: number,
  nameIndex: number,
  name: string,
  value: string,
  huffman: boolean,
): number {
  let position = encodeInteger(target, offset, pattern, prefixBits, nameIndex);
  if (nameIndex === 0) position = writeString(target, position, name, huffman);
  position = writeString(target, position, value, huffman);
  return position;
}

/** Writes a string literal (RFC 7541 section 5.2), Huffman-coded if that is wanted and shorter. */
function writeString(target: Uint8Array, offset: number, text: string, huffman: boolean): number {
  if (huffman) {
    const bytes = huffmanLength(text);
    if (bytes < text.length) return encodeHuffman(text, target, encodeInteger(target, offset, 0x80, 7, bytes));
  }
  let position = encodeInteger(target, offset, 0x00, 7, text.length);
  for (let i = 0; i < text.length; i++) target[position++] = text.charCodeAt(i);
  return position;
}
