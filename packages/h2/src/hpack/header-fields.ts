import { Buffer } from "node:buffer";
import type { DynamicTable } from "./dynamic-table.js";
import type { FieldName } from "./field-name.js";
import { decodeHuffman } from "./huffman.js";

/** A header field as a name and a value, both latin-1. */
export type HeaderField = readonly [name: string, value: string];

const nothing: Buffer = Buffer.alloc(0);

/**
 * A decoded header list whose values are still the octets they came as: a value becomes a string when it is asked for.
 *
 * The list a handler is given is valid during that call only; the machine uses it again for the next block. Take
 * {@link HeaderFields.toArray} to keep all of it.
 */
export class HeaderFields implements Iterable<HeaderField> {
  #count = 0;
  #names: FieldName[] = [];
  #texts: (string | undefined)[] = [];
  #sources: Buffer[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #huffman: boolean[] = [];
  /** Slot in the decoder's table for values that live there, else -1. */
  #slots: number[] = [];
  #tableFields = 0;
  #table: DynamicTable | undefined;
  #own: Buffer = nothing;
  /** Sum of name, value and 32 octets a field (RFC 9113 section 6.5.2), the fields left out for their size included. */
  listBytes = 0;
  /** Fields were left out because the list exceeds what this endpoint accepts. */
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

  /** Value of field `index`, decoded now if it was not before. */
  value(index: number): string {
    return this.#texts[index] ?? this.#decode(index);
  }

  /** Value of the first field with this name, or undefined. */
  get(name: string): string | undefined {
    for (let i = 0; i < this.#count; i++) if (this.#names[i]!.text === name) return this.value(i);
    return undefined;
  }

  /** All fields, in order, as strings that may be kept. */
  toArray(): HeaderField[] {
    return Array.from({ length: this.#count }, (_, i): HeaderField => [this.name(i), this.value(i)]);
  }

  *[Symbol.iterator](): Iterator<HeaderField> {
    for (let i = 0; i < this.#count; i++) yield [this.name(i), this.value(i)];
  }

  /** The shared name object of field `index`, which the message rules tag. */
  fieldName(index: number): FieldName {
    return this.#names[index]!;
  }

  /** Forgets everything; fields that live in a table will be those of `table`. */
  reset(table: DynamicTable | undefined): void {
    // What is left from a long list would keep its chunks and strings alive behind the shorter ones that follow.
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

  /** Reads what lives in the table, before an insertion moves or evicts it. Costs something once an entry, then it is remembered. */
  leaveTable(): void {
    if (this.#tableFields === 0) return;
    for (let i = 0; i < this.#count; i++) if (this.#slots[i] !== -1) this.#decode(i);
    this.#tableFields = 0;
  }

  /** Takes over the fields of a list that is about to be used again. Octets are copied into one buffer kept for the purpose. */
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
