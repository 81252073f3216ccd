import { deviceTokenHeading, parseCsv } from "./csv.js";
import { parseJsonArray } from "./json-array.js";
import { type Line, readLines } from "./lines.js";
import { parseArrayEntry, parseNdjsonLine } from "./ndjson.js";
import { parsePlainLine } from "./plain.js";
import type { ListEntry } from "./target.js";
import { type TextEncoding, toUtf8 } from "./text-encoding.js";

export const listFormats = ["plain", "csv", "ndjson", "json"] as const;

export type ListFormat = (typeof listFormats)[number];

/**
 * The devices of a list, as fast as they are asked for.
 * @param format `undefined`: found out by the first line
 * @param encoding `undefined`: found out by the first bytes
 */
export async function* readList(
  stream: AsyncIterable<Uint8Array>,
  format: ListFormat | undefined,
  encoding: TextEncoding | undefined,
): AsyncGenerator<ListEntry> {
  const { first, all } = await peekLine(toUtf8(stream, encoding));
  switch (format ?? formatOf(first)) {
    case "csv":
      yield* parseCsv(readLines(all));
      return;
    case "json":
      yield* parseJsonArray(all, parseArrayEntry);
      return;
    case "ndjson":
      yield* parseLines(readLines(all), parseNdjsonLine);
      return;
    case "plain":
      yield* parseLines(readLines(all), parsePlainLine);
  }
}

/** Line by line; blank lines and comments do not count. */
async function* parseLines(
  lines: AsyncIterable<Line>,
  parse: (number: number, text: string) => ListEntry,
): AsyncGenerator<ListEntry> {
  for await (const line of lines) {
    const { number, text } = line;
    if (text === undefined) yield { line: number, problem: line.problem };
    else if (text.trim() !== "" && !text.startsWith("#")) yield parse(number, text);
  }
}

/** The first line of a stream, and the whole stream as it was before. */
async function peekLine(stream: AsyncIterable<Uint8Array>): Promise<{ first: string; all: AsyncIterable<Uint8Array> }> {
  const iterator = stream[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let text = "";
  while (!text.trimStart().includes("\n") && text.length < 65_536) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    chunks.push(value);
    text += Buffer.from(value).toString("latin1");
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { first: text.trimStart().split("\n", 1)[0]!, all: all() };
}

function formatOf(firstLine: string): ListFormat {
  if (firstLine.startsWith("{")) return "ndjson";
  // A device token may stand in < >, an Expo token holds a bracket, but neither begins with one.
  if (firstLine.startsWith("[")) return "json";
  const names = firstLine.split(/[,;\t|]/).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  return /^sep=.\r?$/i.test(firstLine) || names.some((name) => deviceTokenHeading.test(name)) ? "csv" : "plain";
}
