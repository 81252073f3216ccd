import type { Buffer } from "node:buffer";
import { DynamicTable, entryOverheadBytes } from "./dynamic-table.js";
import type { FieldName } from "./field-name.js";
import type { HeaderFields } from "./header-fields.js";
import { HpackError } from "./hpack-error.js";
import { HUFFMAN_FORBIDDEN, HUFFMAN_INVALID, measureHuffman } from "./huffman.js";
import { IntegerReader } from "./integer.js";
import { NameCache } from "./name-cache.js";
import { staticNames, staticTableLength, staticValues } from "./static-table.js";

/**
 * HPACK decoder (RFC 7541). A connection has one, which must be given every header block in order.
 *
 * All octets are checked at once (Huffman padding, EOS, indices, sizes), but a value is decoded to a string only when
 * it is read from the list.
 */
export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #integers: IntegerReader = new IntegerReader();
  readonly #names: NameCache = new NameCache();
  readonly #maxListBytes: number;
  #limit: number;
  #mustShrink = false;
  // The string literal read last: its octets are `#start..#end`, its decoded length is `#bytes`.
  #start = 0;
  #end = 0;
  #huffman = false;
  #bytes = 0;
  #malformed = false;

  /**
   * @param tableLimitBytes - largest dynamic table of the peer's encoder (SETTINGS_HEADER_TABLE_SIZE of this side)
   * @param maxListBytes - largest header list, in octets as RFC 9113 section 6.5.2 counts them; a larger one is cut and
   * marked
   */
  constructor(tableLimitBytes: number, maxListBytes: number) {
    this.#limit = tableLimitBytes;
    this.#maxListBytes = maxListBytes;
    this.#table = new DynamicTable(tableLimitBytes);
  }

  /** Size of the dynamic table, in octets as RFC 7541 section 4.1 counts them. */
  get tableBytes(): number {
    return this.#table.size;
  }

  /** The entries of the dynamic table, newest first: for tests and diagnosis. */
  tableEntries(): [string, string][] {
    return Array.from({ length: this.#table.count }, (_, i): [string, string] => {
      const slot = this.#table.slotOf(i);
      return [this.#table.nameAt(slot).text, this.#table.textAt(slot)];
    });
  }

  /**
   * The peer acknowledged a new SETTINGS_HEADER_TABLE_SIZE. If its table is larger, its next block must begin with a
   * size update (RFC 7541 section 4.2).
   */
  setTableLimit(bytes: number): void {
    this.#limit = bytes;
    this.#mustShrink = this.#table.maxSize > bytes;
  }

  /**
   * Decodes a whole header block into `fields`, which refers to `block` afterwards.
   * @throws HpackError if the block cannot be decoded: a connection error (RFC 9113 section 4.3)
   */
  decode(block: Buffer, start: number, end: number, fields: HeaderFields): void {
    fields.reset(this.#table);
    let offset = start;
    let fieldSeen = false;
    while (offset < end) {
      const first = block[offset]!;
      if (first >= 0x80) {
        // 1xxxxxxx  section 6.1: indexed field
        if (this.#mustShrink) throw shrinkMissing();
        if (first < 0xff) {
          this.#addIndexed(first & 0x7f, fields);
          offset++;
        } else {
          this.#addIndexed(this.#integers.read(block, offset, end, 7), fields);
          offset = this.#integers.offset;
        }
        fieldSeen = true;
      } else if (first >= 0x20 && first < 0x40) {
        // 001xxxxx  section 6.3: size update, allowed at the beginning of a block (section 4.2)
        if (fieldSeen) throw new HpackError("HPACK_TABLE_SIZE", "a table size update follows a field");
        const size = this.#integers.read(block, offset, end, 5);
        if (size > this.#limit)
          throw new HpackError("HPACK_TABLE_SIZE", `a table size of ${size} exceeds ${this.#limit}`);
        this.#table.resize(size);
        this.#mustShrink = false;
        offset = this.#integers.offset;
      } else {
        // 01xxxxxx  section 6.2.1: literal that is inserted into the table
        // 0000xxxx  section 6.2.2: literal      0001xxxx  section 6.2.3: literal that is never indexed
        if (this.#mustShrink) throw shrinkMissing();
        offset = this.#addLiteral(block, offset, end, fields, first >= 0x40);
        fieldSeen = true;
      }
    }
  }

  #addIndexed(index: number, fields: HeaderFields): void {
    if (index <= staticTableLength) {
      if (index === 0) throw new HpackError("HPACK_INDEX", "index 0 is not used");
      const name = staticNames[index]!;
      const value = staticValues[index]!;
      if (this.#fits(fields, name, value.length)) fields.addText(name, value);
      return;
    }
    const slot = this.#slot(index);
    const name = this.#table.nameAt(slot);
    if (!name.isValid || this.#table.isMalformedAt(slot)) fields.isMalformed = true;
    if (this.#fits(fields, name, this.#table.valueBytesAt(slot))) fields.addTableEntry(name, slot);
  }

  #addLiteral(block: Buffer, offset: number, end: number, fields: HeaderFields, insert: boolean): number {
    const nameIndex = this.#integers.read(block, offset, end, insert ? 6 : 4);
    let position = this.#integers.offset;
    let name: FieldName;
    if (nameIndex === 0) {
      position = this.#readString(block, position, end);
      // A name becomes a string here, however long it is; the limit of the list is checked first.
      if (this.#bytes > this.#maxListBytes) fields.isTooLarge = true;
      name = this.#names.get(block, this.#start, this.#end, this.#huffman);
    } else if (nameIndex <= staticTableLength) name = staticNames[nameIndex]!;
    else name = this.#table.nameAt(this.#slot(nameIndex));
    position = this.#readString(block, position, end);
    if (!name.isValid || this.#malformed) fields.isMalformed = true;
    if (insert) {
      if (this.#table.wouldEvict(name.text.length + this.#bytes + entryOverheadBytes)) fields.leaveTable();
      this.#table.insert(name, block, this.#start, this.#end, this.#huffman, this.#bytes, this.#malformed);
    }
    if (this.#fits(fields, name, this.#bytes)) fields.addOctets(name, block, this.#start, this.#end, this.#huffman);
    return position;
  }

  /**
   * Counts a field; false if the list is too large to keep it. The rest of the block is still decoded, since the table
   * depends on it.
   */
  #fits(fields: HeaderFields, name: FieldName, valueBytes: number): boolean {
    fields.listBytes += name.text.length + valueBytes + entryOverheadBytes;
    if (fields.listBytes <= this.#maxListBytes) return true;
    fields.isTooLarge = true;
    return false;
  }

  #slot(index: number): number {
    const slot = this.#table.slotOf(index - staticTableLength - 1);
    if (slot === -1) throw new HpackError("HPACK_INDEX", `index ${index} is beyond the dynamic table`);
    return slot;
  }

  /**
   * Reads and checks a string literal (section 5.2); returns the offset after it. The result stands in the fields of
   * this object.
   */
  #readString(block: Buffer, offset: number, end: number): number {
    if (offset >= end) throw new HpackError("HPACK_TRUNCATED", "the block ends where a string should be");
    const first = block[offset]!;
    const huffman = first >= 0x80;
    let start = offset + 1;
    let length = first & 0x7f;
    if (length === 0x7f) {
      length = this.#integers.read(block, offset, end, 7);
      start = this.#integers.offset;
    }
    const stop = start + length;
    if (stop > end) throw new HpackError("HPACK_TRUNCATED", "a string is longer than the block");
    this.#start = start;
    this.#end = stop;
    this.#huffman = huffman;
    this.#malformed = false;
    if (huffman) {
      const measured = measureHuffman(block, start, stop);
      if (measured === HUFFMAN_INVALID) throw new HpackError("HPACK_HUFFMAN", "a Huffman string is not valid");
      this.#bytes = measured & ~HUFFMAN_FORBIDDEN;
      this.#malformed = measured !== this.#bytes;
    } else {
      this.#bytes = length;
      for (let i = start; i < stop; i++) {
        const octet = block[i]!;
        if (octet < 14 && (octet === 0 || octet === 10 || octet === 13)) this.#malformed = true;
      }
    }
    return stop;
  }
}

function shrinkMissing(): HpackError {
  return new HpackError("HPACK_TABLE_SIZE", "the required table size update is missing");
}
