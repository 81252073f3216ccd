import { Buffer } from "node:buffer";
import type { FieldName } from "./field-name.js";
import { decodeHuffman } from "./huffman.js";

/** RFC 7541 section 4.1: what an entry costs besides its octets. */
export const entryOverheadBytes = 32;

/**
 * The decoder's dynamic table (RFC 7541 sections 2.3.2 and 4). First in, first out; values stay the octets they came as until
 * somebody asks.
 *
 *      62  63  64 …                        newest entry is index 62
 *    ┌───┬───┬───┬─ … ─┬───┐
 *    │ n │n-1│n-2│     │ o │ ← evicted first
 *    └───┴───┴───┴─ … ─┴───┘
 *
 * Octets live in one ring of twice the table's size. That is always enough although an entry is never split at the ring's end:
 * the live octets never exceed the size, so the part before or the part after them is as large as any entry can be.
 */
export class DynamicTable {
  /** Sum of the entry sizes of RFC 7541 section 4.1. */
  size = 0;
  /** Entries held. */
  count = 0;
  #maxSize = 0;
  #inserted = 0; // entries ever inserted; the newest is number #inserted - 1
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

  /** The size the encoder has chosen; never above what was allowed to it. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Applies a size update (RFC 7541 section 4.3): evicts until the entries fit. */
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
   * Inserts a field whose value is `source[start..end)`, `valueBytes` long when decoded (RFC 7541 section 4.4: too large an
   * entry empties the table, which is no error).
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
    // Rare octets have codes longer than themselves; such a value is kept decoded, so that the ring's bound holds.
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

  /** The slot of an entry by its distance from the newest (0 is index 62), or -1. Slots are stable until the next insertion. */
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

  /** The value as a latin-1 string; decoded once, then remembered with the entry. */
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

  /** Makes room for a larger table; what is held moves to the front of new arrays. */
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
