import { Buffer } from "node:buffer";
import { type HpackEncoder, maxFieldBytes } from "../hpack/encoder.js";
import { encodeInteger } from "../hpack/integer.js";
import { checkField, copyOctets, writeFieldLiteral } from "./ascii.js";

/** A value for each varying field, in the order of their names; undefined leaves the field out. The list must not be changed. */
export type FieldValues = readonly (string | undefined)[];

// How a value is written: the number of an entry of the encoder's table (0 or more), or one of these.
const LEFT_OUT = -1;
/** A literal: the value is new. */
const LITERAL = -2;
/** Inserted into the table: the value recurs, or it is the first of its name. */
const INSERTED = -3;
/** A literal that recurs, but for which the table has no room. */
const MISSED = -4;

/**
 * The fields of a template whose values may differ from message to message, in any mixture.
 *
 * A value that recurs is inserted into the encoder's table, but into one half of it only; all others are literals. So values that
 * do not recur never fill the table, and the constant fields find room in it. The first value of a name is inserted at once: the
 * literals behind it then have the index of the name in place of its octets.
 *
 * The octets of the last list of values are kept, and copied if the same list is given again.
 */
export class VaryingFields {
  /** Most octets of all fields, values not counted. */
  readonly maxFixedBytes: number;
  /** Octets of the literals that recur and have no room, in the block written last; for {@link HpackEncoder.noteMissed}. */
  missedBytes = 0;
  readonly #fields: readonly VaryingField[];
  readonly #plan: number[];
  #last: FieldValues | undefined;
  #lastBytes = 0;
  #kept: Buffer = Buffer.alloc(0);
  #keptBytes = 0;
  /** {@link HpackEncoder.stamp} at which the kept octets are those of the last list. */
  #keptStamp = -1;

  constructor(names: readonly string[]) {
    this.#fields = names.map((name) => new VaryingField(name));
    this.#plan = names.map(() => LEFT_OUT);
    this.maxFixedBytes = names.reduce((sum, name) => sum + maxFieldBytes(name, ""), 0);
  }

  /** Octets of the values themselves. */
  bytesOf(values: FieldValues): number {
    if (values === this.#last) return this.#lastBytes;
    let bytes = 0;
    for (let i = 0; i < this.#fields.length; i++) bytes += values[i]?.length ?? 0;
    return bytes;
  }

  /** Throws for a value that cannot be sent. @throws Http2Error H2_USAGE */
  check(values: FieldValues): void {
    for (let i = 0; i < this.#fields.length; i++) {
      const value = values[i];
      if (value !== undefined) checkField(this.#fields[i]!.name, value);
    }
  }

  /** Decides how the values are written. Returns whether writing them will change the encoder's table. */
  plan(values: FieldValues, encoder: HpackEncoder): boolean {
    if (this.#isKept(values, encoder)) return false;
    let inserts = false;
    for (let i = 0; i < this.#fields.length; i++) {
      const value = values[i];
      const how = value === undefined ? LEFT_OUT : this.#fields[i]!.plan(value, encoder);
      this.#plan[i] = how;
      if (how === INSERTED) inserts = true;
    }
    return inserts;
  }

  /**
   * Writes the values as planned; returns the offset after them. A plan that changes the table needs values that were checked.
   * @throws Http2Error H2_USAGE for a value that cannot be sent
   */
  write(target: Buffer, offset: number, values: FieldValues, encoder: HpackEncoder): number {
    if (this.#isKept(values, encoder)) return copyOctets(target, offset, this.#kept, this.#keptBytes);
    const { stamp } = encoder;
    this.missedBytes = 0;
    let position = offset;
    for (let i = 0; i < this.#fields.length; i++) {
      const how = this.#plan[i]!;
      if (how === LEFT_OUT) continue;
      if (how >= 0) {
        position = encoder.writeIndex(target, position, how);
        continue;
      }
      const field = this.#fields[i]!;
      const value = values[i]!;
      const start = position;
      if (how === INSERTED) position = field.insert(target, position, value, encoder);
      else position = field.writeLiteral(target, position, value, encoder);
      if (how === MISSED) this.missedBytes += position - start;
    }
    if (values !== this.#last) {
      this.#lastBytes = this.bytesOf(values);
      this.#last = values;
      this.#keptStamp = -1;
    } else if (encoder.stamp === stamp) this.#keep(target, offset, position, stamp);
    return position;
  }

  #isKept(values: FieldValues, encoder: HpackEncoder): boolean {
    return values === this.#last && this.#keptStamp === encoder.stamp;
  }

  #keep(target: Buffer, start: number, end: number, stamp: number): void {
    if (this.#kept.length < end - start) this.#kept = Buffer.allocUnsafeSlow(end - start);
    this.#keptBytes = target.copy(this.#kept, 0, start, end);
    this.#keptStamp = stamp;
  }
}

/** Values that are remembered for each name, so that those that recur are noticed. A power of two. */
const rememberedValues = 32;

/** Longer values are not remembered: few of them would fit into half a table. */
const maxRememberedCharacters = 256;

const noEntry = -1;

class VaryingField {
  readonly name: string;
  /** By {@link slotOf}: two values with the same slot take turns in it. */
  readonly #values: (string | undefined)[] = new Array(rememberedValues).fill(undefined);
  /** Numbers of the entries of the encoder's table. */
  readonly #entries: number[] = new Array(rememberedValues).fill(noEntry);
  /** A literal up to its value. */
  readonly #start: Buffer;
  #startBytes = 0;
  #isNameIndexed = false;
  /** {@link HpackEncoder.stamp} at which the above is valid. */
  #stamp = -1;

  constructor(name: string) {
    this.name = name;
    this.#start = Buffer.allocUnsafeSlow(maxFieldBytes(name, ""));
  }

  plan(value: string, encoder: HpackEncoder): number {
    if (this.#stamp !== encoder.stamp) this.#nameAnew(encoder);
    if (value.length > maxRememberedCharacters) return LITERAL;
    const slot = slotOf(value);
    if (this.#values[slot] !== value) {
      return this.#isNameIndexed || !encoder.hasSpareRoom(this.name, value) ? LITERAL : INSERTED;
    }
    const entry = this.#entries[slot]!;
    if (encoder.holds(entry)) return entry;
    return encoder.hasSpareRoom(this.name, value) ? INSERTED : MISSED;
  }

  insert(target: Buffer, offset: number, value: string, encoder: HpackEncoder): number {
    const end = encoder.encodeField(target, offset, this.name, value, "table", true);
    const slot = slotOf(value);
    this.#values[slot] = value;
    this.#entries[slot] = encoder.entryOf(this.name, value) ?? noEntry;
    return end;
  }

  writeLiteral(target: Buffer, offset: number, value: string, encoder: HpackEncoder): number {
    // Another field of this block may have been inserted since the plan.
    if (this.#stamp !== encoder.stamp) this.#nameAnew(encoder);
    const start = copyOctets(target, offset, this.#start, this.#startBytes);
    const end = writeFieldLiteral(target, start, this.name, value);
    if (value.length <= maxRememberedCharacters) {
      const slot = slotOf(value);
      this.#values[slot] = value;
      this.#entries[slot] = noEntry;
    }
    return end;
  }

  #nameAnew(encoder: HpackEncoder): void {
    const index = encoder.nameIndex(this.name);
    this.#isNameIndexed = index !== 0;
    this.#startBytes = encodeInteger(this.#start, 0, 0x00, 4, index);
    if (index === 0) {
      this.#startBytes = encodeInteger(this.#start, this.#startBytes, 0x00, 7, this.name.length);
      this.#startBytes += this.#start.write(this.name, this.#startBytes, "latin1");
    }
    this.#stamp = encoder.stamp;
  }
}

/** Values that differ are mostly counters, instants or random: they differ in their last characters. */
function slotOf(value: string): number {
  const { length } = value;
  if (length < 2) return length;
  return (length + value.charCodeAt(length - 1) + value.charCodeAt(length - 2) * 10) & (rememberedValues - 1);
}
