import { normalizeDeviceToken } from "@apns/core";
import { parseCsv } from "./csv.js";
import { readLines } from "./lines.js";
import { parseNdjsonLine } from "./ndjson.js";
import type { ListEntry } from "./target.js";

export const listFormats = ["plain", "csv", "ndjson"] as const;

export type ListFormat = (typeof listFormats)[number];

/**
 * The devices of a list, as fast as they are asked for.
 * @param format `undefined`: found out by the first line
 */
export async function* readList(
  stream: AsyncIterable<Uint8Array>,
  format: ListFormat | undefined,
): AsyncGenerator<ListEntry> {
  const { first, all } = await peekLine(stream);
  const found = format ?? formatOf(first);
  if (found === "csv") {
    yield* parseCsv(all);
    return;
  }
  for await (const { number, text } of readLines(all)) {
    if (text === undefined) yield { line: number, problem: "is longer than 64 KiB" };
    else if (text.trim() !== "" && !text.startsWith("#")) {
      yield found === "ndjson" ? parseNdjsonLine(number, text) : parsePlainLine(number, text);
    }
  }
}

/** A device token by itself. */
export function parsePlainLine(line: number, text: string): ListEntry {
  try {
    return { line, deviceToken: normalizeDeviceToken(text), fields: {}, delivery: {} };
  } catch (error) {
    return { line, problem: (error as Error).message };
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
  return /(^|[,"])(device[_-]?token|token)($|[,"\r])/i.test(firstLine) ? "csv" : "plain";
}
