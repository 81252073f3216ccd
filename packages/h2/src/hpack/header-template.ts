import { Buffer } from "node:buffer";
import { type FieldIndexing, type HpackEncoder, maxFieldBytes } from "./encoder.js";
import { encodeInteger, maxIntegerBytes } from "./integer.js";
import { staticNameIndex } from "./static-table.js";

/** A constant field of a template. */
export interface TemplateField {
  /** Lower-case name. */
  readonly name: string;
  /** Value, in Latin-1. */
  readonly value: string;
  /** @default "table" */
  readonly indexing?: FieldIndexing;
}

/**
 * A header block that is mostly constant: constant pseudo-headers, a variable one (`:path`), constant fields, variable
 * fields. The constant parts are copied as they were encoded before, unless the encoder's table has changed.
 *
 * ```
 *  ┌──────────────────┬────────────────────┬──────────────────┬─────────────────────┐
 *  │ :method :scheme… │ :path prefix+value │ constant fields  │ apns-id: value      │
 *  │ head             │ literal, in place  │ tail             │ literal, in place   │
 *  └──────────────────┴────────────────────┴──────────────────┴─────────────────────┘
 * ```
 */
export class HeaderTemplate {
  /** {@link HpackEncoder.stamp} at which `head` and `tail` are valid. */
  stamp = -1;
  head: Buffer;
  headBytes = 0;
  tail: Buffer;
  tailBytes = 0;
  /** Octets of the constant parts that are literals because the table has no room for them. */
  missedBytes = 0;
  /** Each variable field, encoded up to the length of its value. */
  readonly variables: readonly Buffer[];
  /** Most octets of the block, variable values not counted. */
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

  /** Encodes the constant parts anew and inserts fields into the encoder's table while it has room. */
  refresh(encoder: HpackEncoder): void {
    // The stamp from before: if this encoding inserts a field, the next use encodes again and gets indices.
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

/** A literal without indexing (RFC 7541 section 6.2.2) up to its value; the name is a static index or a string. */
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
