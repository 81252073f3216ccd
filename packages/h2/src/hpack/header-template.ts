import { Buffer } from "node:buffer";
import { type FieldIndexing, type HpackEncoder, maxFieldBytes } from "./encoder.js";
import { encodeInteger, maxIntegerBytes } from "./integer.js";
import { staticNameIndex } from "./static-table.js";

/** A field that is the same each time a template is used. */
export interface TemplateField {
  /** Lower-case name. */
  readonly name: string;
  /** Latin-1 value. */
  readonly value: string;
  /** @default "table" */
  readonly indexing?: FieldIndexing;
}

/**
 * A header block of which most never changes: constant pseudo-headers, one variable one (`:path`), constant fields, variable
 * fields. The constant parts are encoded when the encoder's state has changed since, and copied otherwise.
 *
 * ```
 *  ┌──────────────────┬────────────────────┬──────────────────┬─────────────────────┐
 *  │ :method :scheme… │ :path prefix+value │ constant fields  │ apns-id: value      │
 *  │ head             │ literal, in place  │ tail             │ literal, in place   │
 *  └──────────────────┴────────────────────┴──────────────────┴─────────────────────┘
 * ```
 */
export class HeaderTemplate {
  /** The encoder's stamp that `head` and `tail` are right for. */
  stamp = -1;
  head: Buffer;
  headBytes = 0;
  tail: Buffer;
  tailBytes = 0;
  /** Octets of the constant parts that are literals for want of room in the table. */
  missedBytes = 0;
  /** Representation and name of each variable field, up to where its value's length goes. */
  readonly variables: readonly Buffer[];
  /** Most octets of the block without the variable values. */
  readonly maxFixedBytes: number;
  readonly #head: readonly TemplateField[];
  readonly #tail: readonly TemplateField[];

  constructor(fields: readonly TemplateField[], variables: readonly string[], maxPrefixBytes = 0) {
    this.#head = fields.filter((field) => field.name.startsWith(":"));
    this.#tail = fields.filter((field) => !field.name.startsWith(":"));
    this.head = Buffer.allocUnsafeSlow(sumOfMaxima(this.#head));
    this.tail = Buffer.allocUnsafeSlow(sumOfMaxima(this.#tail));
    this.variables = variables.map(literalStart);
    const variableBytes = this.variables.reduce((sum, start) => sum + start.length + maxIntegerBytes, 0);
    this.maxFixedBytes = this.head.length + this.tail.length + variableBytes + maxPrefixBytes + maxIntegerBytes * 4;
  }

  /** Encodes the constant parts for the encoder's present state, inserting into its table what has room. */
  refresh(encoder: HpackEncoder): void {
    // Taken before: if this encoding inserts something, the next use encodes again, to indices then.
    const stamp = encoder.stamp;
    encoder.missedInBlock = 0;
    this.headBytes = encodeAll(encoder, this.#head, this.head);
    this.tailBytes = encodeAll(encoder, this.#tail, this.tail);
    this.missedBytes = encoder.missedInBlock;
    this.stamp = stamp;
  }
}

function encodeAll(encoder: HpackEncoder, fields: readonly TemplateField[], target: Buffer): number {
  let offset = 0;
  for (const { name, value, indexing = "table" } of fields) {
    offset = encoder.encodeField(target, offset, name, value, indexing, true);
  }
  return offset;
}

function sumOfMaxima(fields: readonly TemplateField[]): number {
  return fields.reduce((sum, { name, value }) => sum + maxFieldBytes(name, value), 0);
}

/** RFC 7541 section 6.2.2 without its value: a literal that is not indexed, its name by static index or spelt out. */
function literalStart(name: string): Buffer {
  const octets = Buffer.alloc(name.length + maxIntegerBytes * 2);
  const index = staticNameIndex.get(name) ?? 0;
  let offset = encodeInteger(octets, 0, 0x00, 4, index);
  if (index === 0) {
    offset = encodeInteger(octets, offset, 0x00, 7, name.length);
    offset += octets.write(name, offset, "latin1");
  }
  return octets.subarray(0, offset);
}
