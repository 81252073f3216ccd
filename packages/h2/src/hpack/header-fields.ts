import { Buffer } from "node:buffer";
import type { DynamicTable } from "./dynamic-table.js";
import type { FieldName } from "./field-name.js";
import { decodeHuffman } from "./huffman.js";

/** Name and value of a header field, in Latin-1. */
export type HeaderField = readonly [name: string, value: string];

const nothing: Buffer = Buffer.alloc(0);

/**
 * A header list. Its values are the octets received; a value is decoded to a string when it is read.
 *
 * A list that a handler is given is valid during that call: the connection uses it again for the next header block.
 * {@link HeaderFields.toArray} returns a copy to keep.
 */
export class HeaderFields implements Iterable<HeaderField> {
  #count = 0;
  #names: FieldName[] = [];
  #texts: (string | undefined)[] = [];
  #sources: Buffer[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #huffman: boolean[] = [];
  /** Slot of a value in the decoder's dynamic table, or -1 if the value is elsewhere. */
  #slots: number[] = [];
  #tableFields = 0;
  #table: DynamicTable | undefined;
  #own: Buffer = nothing;
  /**
   * Size: the octets of all names and values, and 32 for each field (RFC 9113 section 6.5.2). Includes fields that were
   * left out.
   */
  listBytes = 0;
  /** Fields were left out because the list exceeds the limit of this endpoint. */
  isTooLarge = false;
  /** A name or value has an octet that RFC 9113 section 8.2.1 forbids. */
  isMalformed = false;

  /** Number of fields. */
  get length(): number {
    return this.#count;
  }

  /** Name of field `index`. */
  name(index: number): string {
    return this.#names[index]!.text;
  }

  /** Value of field `index`. */
  value(index: number): string {
    return this.#texts[index] ?? this.#decode(index);
  }

  /** Value of the first field with this name, or undefined. */
  get(name: string): string | undefined {
    for (let i = 0; i < this.#count; i++) if (this.#names[i]!.text === name) return this.value(i);
    return undefined;
  }

  /** A copy of all fields, in order. */
  toArray(): HeaderField[] {
    return Array.from({ length: this.#count }, (_, i): HeaderField => [this.name(i), this.value(i)]);
  }

  *[Symbol.iterator](): Iterator<HeaderField> {
    for (let i = 0; i < this.#count; i++) yield [this.name(i), this.value(i)];
  }

  /** The shared name object of field `index`. */
  fieldName(index: number): FieldName {
    return this.#names[index]!;
  }

  /** Empties the list. Fields added by {@link addTableEntry} are entries of `table`. */
  reset(table: DynamicTable | undefined): void {
    // Shorter lists that follow would not overwrite all references of a long one, and keep its chunks and strings in
    // memory.
    if (this.#count > 16) {
      this.#sources = [];
      this.#texts = [];
    }
    this.#count = 0;
    this.#tableFields = 0;
    this.#table = table;
    this.listBytes = 0;
    this.isTooLarge = false;
    this.isMalformed = false;
  }

  addText(name: FieldName, text: string): void {
    const i = this.#count++;
    this.#names[i] = name;
    this.#texts[i] = text;
    this.#slots[i] = -1;
  }

  addOctets(name: FieldName, source: Buffer, start: number, end: number, huffman: boolean): void {
    const i = this.#count++;
    this.#names[i] = name;
    this.#texts[i] = undefined;
    this.#sources[i] = source;
    this.#starts[i] = start;
    this.#ends[i] = end;
    this.#huffman[i] = huffman;
    this.#slots[i] = -1;
  }

  addTableEntry(name: FieldName, slot: number): void {
    const i = this.#count++;
    this.#names[i] = name;
    this.#texts[i] = undefined;
    this.#slots[i] = slot;
    this.#tableFields++;
  }

  /** Reads all values that are in the table, before an insertion evicts their entries. */
  leaveTable(): void {
    if (this.#tableFields === 0) return;
    for (let i = 0; i < this.#count; i++) if (this.#slots[i] !== -1) this.#decode(i);
    this.#tableFields = 0;
  }

  /** Copies the fields of a list that is about to be used again; their octets go into one buffer of this list. */
  copyFrom(other: HeaderFields): void {
    other.leaveTable();
    this.reset(undefined);
    this.listBytes = other.listBytes;
    let bytes = 0;
    for (let i = 0; i < other.#count; i++)
      if (other.#texts[i] === undefined) bytes += other.#ends[i]! - other.#starts[i]!;
    if (this.#own.length < bytes) this.#own = Buffer.allocUnsafeSlow(Math.max(128, bytes));
    let offset = 0;
    for (let i = 0; i < other.#count; i++) {
      const name = other.#names[i]!;
      const text = other.#texts[i];
      if (text !== undefined) {
        this.addText(name, text);
        continue;
      }
      const end = offset + other.#sources[i]!.copy(this.#own, offset, other.#starts[i]!, other.#ends[i]!);
      this.addOctets(name, this.#own, offset, end, other.#huffman[i]!);
      offset = end;
    }
  }

  #decode(index: number): string {
    const slot = this.#slots[index]!;
    let text: string;
    if (slot !== -1) text = this.#table!.textAt(slot);
    else {
      const source = this.#sources[index]!;
      const start = this.#starts[index]!;
      const end = this.#ends[index]!;
      if (this.#huffman[index]) {
        // No code is shorter than five bits.
        const octets = Buffer.allocUnsafe(Math.ceil(((end - start) * 8) / 5));
        text = octets.toString("latin1", 0, decodeHuffman(source, start, end, octets, 0));
      } else text = source.toString("latin1", start, end);
    }
    this.#slots[index] = -1;
    this.#texts[index] = text;
    return text;
  }
}
