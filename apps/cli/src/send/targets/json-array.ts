import { isUtf8 } from "node:buffer";
import { UsageError } from "../../errors.js";
import { maxLineBytes, notUtf8, tooLong } from "./lines.js";
import type { ListEntry } from "./target.js";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;

/**
 * The entries of a JSON array, in memory that does not grow with it.
 * @param parse makes an entry of the text of one, and its number from 1
 * @throws {UsageError} if it is no array, is cut off, or something follows it
 */
export async function* parseJsonArray(
  stream: AsyncIterable<Uint8Array>,
  parse: (number: number, text: string) => ListEntry,
): AsyncGenerator<ListEntry> {
  const element = new Element(parse);
  let state: "before" | "within" | "in text" | "escaped" | "after" = "before";
  /** How many brackets and braces within the array are open. */
  let depth = 0;
  for await (const chunk of stream) {
    /** Where the current entry, or its part in this chunk, begins. */
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (state === "escaped") state = "in text";
      else if (state === "in text") {
        if (byte === backslash) state = "escaped";
        else if (byte === quote) state = "within";
      } else if (state === "before") {
        if (byte === openBracket) {
          state = "within";
          start = at + 1;
        } else if (byte > space) throw new UsageError("the list is no JSON array: it does not begin with [");
      } else if (state === "after") {
        if (byte > space) throw new UsageError("the list is no JSON array: something follows its end");
      } else if (byte === quote) state = "in text";
      else if (byte === openBracket || byte === openBrace) depth++;
      else if (depth > 0 && (byte === closeBracket || byte === closeBrace)) depth--;
      else if (depth === 0 && (byte === comma || byte === closeBracket)) {
        element.add(chunk.subarray(start, at));
        start = at + 1;
        if (byte === closeBracket) state = "after";
        const entry = element.take();
        if (entry !== undefined) yield entry;
      }
    }
    if (state !== "before" && state !== "after") element.add(chunk.subarray(start));
  }
  if (state === "after") return;
  throw new UsageError(`the list is no JSON array: it ends behind entry ${element.taken}, without a closing ]`);
}

/** The entry that is being read: its bytes, as long as they are not too many. */
class Element {
  readonly #parse: (number: number, text: string) => ListEntry;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #taken = 0;

  constructor(parse: (number: number, text: string) => ListEntry) {
    this.#parse = parse;
  }

  /** How many entries there were. */
  get taken(): number {
    return this.#taken;
  }

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    // A copy: the chunk may be used again.
    if (this.#length <= maxLineBytes) this.#chunks.push(Uint8Array.from(bytes));
  }

  /** The entry; `undefined` if there is nothing, as in an empty array. */
  take(): ListEntry | undefined {
    const bytes = Buffer.concat(this.#chunks);
    const isTooLong = this.#length > maxLineBytes;
    this.#chunks = [];
    this.#length = 0;
    if (!isTooLong && bytes.toString("latin1").trim() === "") return undefined;
    const number = ++this.#taken;
    if (isTooLong) return { line: number, problem: tooLong };
    return isUtf8(bytes) ? this.#parse(number, bytes.toString("utf8")) : { line: number, problem: notUtf8 };
  }
}
