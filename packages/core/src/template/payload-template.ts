import { InvalidArgumentError } from "../errors.js";
import { show } from "../internal/check.js";
import { writePooled } from "../payload/byte-pool.js";
import { encodePayload } from "../payload/encode-payload.js";
import type { JsonValue } from "../payload/json.js";
import { escapedText, notWritten, writeBytes, writeCharacters, writeJson } from "../payload/json-writer.js";
import { type Kind, text as textKind } from "../payload/shape.js";
import { type FieldValues, fieldText, fieldValue, missingField } from "./field-values.js";
import { onlyName, piecesOf } from "./placeholder.js";

/** Where a value is put in. */
interface Slot {
  readonly name: string;
  /** Inside of a text, or in place of a whole value. */
  readonly place: "text" | "value";
  /** Path of the value in the payload. */
  readonly path: string;
  /** What the value must be, if Apple says so. */
  readonly kind: Kind | undefined;
}

/** The kind of value at a path, if it is known. */
export type KindAt = (path: readonly string[]) => Kind | undefined;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A payload with fields, as its constant bytes and the slots between them. To fill it is to copy bytes and write values: no object
 * is made, and no JSON is read.
 */
export class PayloadTemplate {
  /** The names of the fields, each once. */
  readonly names: ReadonlySet<string>;
  /** Bytes of all that is constant. */
  readonly fixedBytes: number;
  /** One more than slots. */
  readonly #chunks: readonly Uint8Array[];
  readonly #slots: readonly Slot[];

  /** @throws {InvalidArgumentError} naming `payload` */
  constructor(payload: object, kindAt: KindAt = () => undefined) {
    const compiler = new Compiler(kindAt);
    // As JSON has it: what `toJSON` makes, and nothing that JSON leaves out.
    compiler.add(JSON.parse(decoder.decode(encodePayload(payload))) as JsonValue, []);
    this.#chunks = compiler.chunks();
    this.#slots = compiler.slots;
    this.names = new Set(this.#slots.map(({ name }) => name));
    this.fixedBytes = this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** The payload's bytes. @throws {InvalidArgumentError} naming a field that is missing, or has a value that cannot be */
  fill(values: FieldValues, defaults: FieldValues): Uint8Array {
    return (
      writePooled((target, offset) => this.#write(target, offset, values, defaults)) ??
      this.#fillLarge(values, defaults)
    );
  }

  #write(target: Uint8Array, offset: number, values: FieldValues, defaults: FieldValues): number {
    let position = writeBytes(target, offset, this.#chunks[0]!);
    for (let i = 0; i < this.#slots.length && position !== notWritten; i++) {
      const slot = this.#slots[i]!;
      position =
        slot.place === "text"
          ? writeCharacters(target, position, fieldText(slot.name, values, defaults))
          : writeJson(target, position, slotValue(slot, values, defaults));
      if (position !== notWritten) position = writeBytes(target, position, this.#chunks[i + 1]!);
    }
    return position;
  }

  /** For more bytes than the pool has in one piece, and values that only `JSON.stringify` writes. */
  #fillLarge(values: FieldValues, defaults: FieldValues): Uint8Array {
    let json = decoder.decode(this.#chunks[0]);
    for (const [i, slot] of this.#slots.entries()) {
      json +=
        slot.place === "text"
          ? escapedText(fieldText(slot.name, values, defaults))
          : JSON.stringify(slotValue(slot, values, defaults));
      json += decoder.decode(this.#chunks[i + 1]);
    }
    return encoder.encode(json);
  }
}

/** The JSON value for a slot that is a whole value. */
function slotValue({ name, path, kind }: Slot, values: FieldValues, defaults: FieldValues): JsonValue {
  const value = fieldValue(name, values, defaults);
  if (value === undefined) throw missingField(name);
  if (kind !== undefined && !kind.accepts(value)) {
    throw new InvalidArgumentError(`fields.${name}`, `${show(value)} is not ${kind.expected}, as ${path} must be.`);
  }
  if (value instanceof Date) {
    if (!Number.isNaN(value.getTime())) return value.toISOString();
    throw new InvalidArgumentError(`fields.${name}`, "the Date is invalid.");
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new InvalidArgumentError(`fields.${name}`, `${value} is no number that JSON has.`);
  }
  return value;
}

/** Collects constant JSON text and the slots in it. */
class Compiler {
  readonly slots: Slot[] = [];
  readonly #kindAt: KindAt;
  readonly #texts: string[] = [];
  #text = "";

  constructor(kindAt: KindAt) {
    this.#kindAt = kindAt;
  }

  add(value: JsonValue, path: readonly string[]): void {
    if (typeof value === "string") this.#addText(value, path);
    else if (isList(value)) this.#addList(value, path);
    else if (typeof value === "object" && value !== null) this.#addObject(value, path);
    else this.#text += JSON.stringify(value);
  }

  chunks(): Uint8Array[] {
    return [...this.#texts, this.#text].map((text) => encoder.encode(text));
  }

  #addList(list: readonly JsonValue[], path: readonly string[]): void {
    this.#text += "[";
    for (const [index, value] of list.entries()) {
      if (index > 0) this.#text += ",";
      this.add(value, [...path, String(index)]);
    }
    this.#text += "]";
  }

  #addObject(object: { readonly [key: string]: JsonValue | undefined }, path: readonly string[]): void {
    this.#text += "{";
    for (const [index, [key, value]] of Object.entries(object).entries()) {
      this.#text += `${index > 0 ? "," : ""}${JSON.stringify(key)}:`;
      this.add(value as JsonValue, [...path, key]);
    }
    this.#text += "}";
  }

  #addText(text: string, path: readonly string[]): void {
    const cut = piecesOf(text);
    const name = onlyName(cut);
    const kind = this.#kindAt(path);
    if (name !== undefined && kind !== textKind) {
      this.#addSlot({ name, place: "value", path: path.join("."), kind });
      return;
    }
    this.#text += '"';
    for (const [index, piece] of cut.pieces.entries()) {
      if (index > 0) this.#addSlot({ name: cut.names[index - 1]!, place: "text", path: path.join("."), kind });
      this.#text += escapedText(piece);
    }
    this.#text += '"';
  }

  #addSlot(slot: Slot): void {
    this.#texts.push(this.#text);
    this.#text = "";
    this.slots.push(slot);
  }
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
