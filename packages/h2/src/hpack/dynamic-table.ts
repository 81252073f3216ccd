import { Buffer } from "node:buffer";
import type { FieldName } from "./field-name.js";
import { decodeHuffman } from "./huffman.js";

/** Octets that each entry counts besides its name and value (RFC 7541 section 4.1). */
export const entryOverheadBytes = 32;

/**
 * The decoder's dynamic table (RFC 7541 sections 2.3.2 and 4): first in, first out. Values are kept as the octets
 * received, and decoded when they are read.
 *
 *      62  63  64 …                        newest entry is index 62
 *    ┌───┬───┬───┬─ … ─┬───┐
 *    │ n │n-1│n-2│     │ o │ ← evicted first
 *    └───┴───┴───┴─ … ─┴───┘
 *
 * The octets of all values are in one ring buffer of twice the table's size. No value is split at the end of the ring:
 * the values never exceed the table's size together, so either the part before them or the part after them has room for
 * any other.
 */
export class DynamicTable {
  /** Sum of the entry sizes of RFC 7541 section 4.1. */
  size = 0;
  /** Entries held. */
  count = 0;
  #maxSize = 0;
  #inserted = 0; // entries ever inserted; the number of the newest is #inserted - 1
  #capacity = 0;
  #arena: Buffer = Buffer.alloc(0);
  #arenaHead = 0;
  #names: FieldName[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #huffman: boolean[] = [];
  #valueBytes: number[] = [];
  #malformed: boolean[] = [];
  #sizes: number[] = [];
  #texts: (string | undefined)[] = [];

  constructor(maxSize: number) {
    this.resize(maxSize);
  }

  /** Maximum size, chosen by the encoder within the limit that it was given. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Changes the maximum size (RFC 7541 section 4.3): evicts entries until the rest fits. */
  resize(maxSize: number): void {
    this.#evictTo(maxSize);
    if (maxSize > this.#maxSize) this.#grow(maxSize);
    this.#maxSize = maxSize;
  }

  /** Whether inserting an entry of this size would evict another. */
  wouldEvict(entrySize: number): boolean {
    return this.size + entrySize > this.#maxSize;
  }

  /**
   * Inserts a field whose value is `source[start..end)` and has `valueBytes` octets when decoded. An entry larger than
   * the table empties it, which is no error (RFC 7541 section 4.4).
   */
  insert(
    name: FieldName,
    source: Uint8Array,
    start: number,
    end: number,
    huffman: boolean,
    valueBytes: number,
    malformed: boolean,
  ): void {
    const entrySize = name.text.length + valueBytes + entryOverheadBytes;
    this.#evictTo(this.#maxSize - entrySize);
    if (entrySize > this.#maxSize) return;
    // The Huffman codes of rare octets are longer than an octet. A value that they make longer is kept decoded, so that
    // the ring suffices.
    const decodeNow = huffman && end - start > valueBytes;
    const storedBytes = decodeNow ? valueBytes : end - start;
    if (this.#arenaHead + storedBytes > this.#arena.length) this.#arenaHead = 0;
    const at = this.#arenaHead;
    if (decodeNow) decodeHuffman(source, start, end, this.#arena, at);
    else for (let i = 0; i < storedBytes; i++) this.#arena[at + i] = source[start + i]!;
    this.#arenaHead = at + storedBytes;
    const slot = this.#inserted++ % this.#capacity;
    this.#names[slot] = name;
    this.#starts[slot] = at;
    this.#ends[slot] = at + storedBytes;
    this.#huffman[slot] = huffman && !decodeNow;
    this.#valueBytes[slot] = valueBytes;
    this.#malformed[slot] = malformed;
    this.#sizes[slot] = entrySize;
    this.#texts[slot] = undefined;
    this.size += entrySize;
    this.count++;
  }

  /**
   * Slot of the entry at a distance from the newest one (0 is index 62), or -1. Slots are valid until the next
   * insertion.
   */
  slotOf(distance: number): number {
    return distance < this.count ? (this.#inserted - 1 - distance) % this.#capacity : -1;
  }

  nameAt(slot: number): FieldName {
    return this.#names[slot]!;
  }

  /** Decoded length of the value. */
  valueBytesAt(slot: number): number {
    return this.#valueBytes[slot]!;
  }

  /** The value has an octet that RFC 9113 section 8.2.1 forbids. */
  isMalformedAt(slot: number): boolean {
    return this.#malformed[slot]!;
  }

  /** The value as a Latin-1 string; decoded the first time, kept with the entry from then on. */
  textAt(slot: number): string {
    const known = this.#texts[slot];
    if (known !== undefined) return known;
    const start = this.#starts[slot]!;
    const end = this.#ends[slot]!;
    let text: string;
    if (this.#huffman[slot]) {
      const octets = Buffer.allocUnsafe(this.#valueBytes[slot]!);
      decodeHuffman(this.#arena, start, end, octets, 0);
      text = octets.toString("latin1");
    } else text = this.#arena.toString("latin1", start, end);
    this.#texts[slot] = text;
    return text;
  }

  #evictTo(room: number): void {
    while (this.count > 0 && this.size > room) {
      const slot = (this.#inserted - this.count) % this.#capacity;
      this.size -= this.#sizes[slot]!;
      this.#texts[slot] = undefined;
      this.count--;
    }
  }

  /** Allocates a larger ring and larger arrays, and moves the entries to their beginning. */
  #grow(maxSize: number): void {
    const capacity = Math.max(1, Math.ceil(maxSize / entryOverheadBytes));
    if (capacity <= this.#capacity && maxSize * 2 <= this.#arena.length) return;
    const arena = Buffer.allocUnsafeSlow(maxSize * 2);
    const order = Array.from({ length: this.count }, (_, i) => (this.#inserted - this.count + i) % this.#capacity);
    let head = 0;
    const starts: number[] = [];
    const ends: number[] = [];
    for (const slot of order) {
      starts.push(head);
      head += this.#arena.copy(arena, head, this.#starts[slot]!, this.#ends[slot]!);
      ends.push(head);
    }
    this.#names = order.map((slot) => this.#names[slot]!);
    this.#huffman = order.map((slot) => this.#huffman[slot]!);
    this.#valueBytes = order.map((slot) => this.#valueBytes[slot]!);
    this.#malformed = order.map((slot) => this.#malformed[slot]!);
    this.#sizes = order.map((slot) => this.#sizes[slot]!);
    this.#texts = order.map((slot) => this.#texts[slot]);
    this.#starts = starts;
    this.#ends = ends;
    this.#arena = arena;
    this.#arenaHead = head;
    this.#inserted = this.count;
    this.#capacity = capacity;
  }
}
