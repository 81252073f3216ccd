import { show } from "@apns/core/internal";
import { UsageError } from "../../errors.js";
import { readDeviceToken } from "./device-token.js";
import { type Line, maxLineBytes } from "./lines.js";
import type { ListEntry } from "./target.js";

/** A quoted value may hold line breaks; a quote that is not closed within so many lines is a mistake. */
const maxRecordLines = 100;

/** Separators that spreadsheets write: comma; semicolon, where the comma is the decimal point; tab. */
const separators = [",", ";", "\t", "|"];

/** A heading that names the column of device tokens. */
export const deviceTokenHeading: RegExp = /^(apns[ _-]?)?(device[ _-]?)?token$/i;

/**
 * A list with a heading (RFC 4180). The column `deviceToken` (or `token`) is the device; the others are merge fields. A line that
 * is no CSV is reported, and the next one is read.
 * @throws {UsageError} if there is no such column
 */
export async function* parseCsv(lines: AsyncIterable<Line>): AsyncGenerator<ListEntry> {
  const records = new RecordReader(lines[Symbol.asyncIterator]());
  try {
    const heading = await readHeading(records);
    if (heading === undefined) return;
    for (let record = await records.next(heading.separator); record !== undefined; ) {
      const { line } = record;
      if ("problem" in record) yield { line, problem: record.problem };
      else yield toEntry(heading, line, record.values);
      record = await records.next(heading.separator);
    }
  } finally {
    await records.close();
  }
}

interface Heading {
  readonly names: readonly string[];
  readonly deviceTokenAt: number;
  readonly separator: string;
}

/** The first line, or the one behind `sep=;`, by which Excel is told its separator. */
async function readHeading(records: RecordReader): Promise<Heading | undefined> {
  const first = await records.peek();
  if (first === undefined) return undefined;
  const told = /^sep=(.)$/i.exec(first)?.[1];
  if (told !== undefined) await records.next(told);
  const text = told === undefined ? first : ((await records.peek()) ?? "");
  const separator = told ?? separatorOf(text);
  const record = await records.next(separator);
  const names = record !== undefined && "values" in record ? record.values : [];
  const deviceTokenAt = names.findIndex((name) => deviceTokenHeading.test(name));
  if (deviceTokenAt !== -1) return { names, deviceTokenAt, separator };
  throw new UsageError(
    `the list has no column deviceToken; its first line must name the columns, and names ${names.slice(0, 10).map(show).join(", ")}`,
  );
}

/** The separator by which a heading has a column of device tokens, or else the most columns. */
function separatorOf(heading: string): string {
  const columns = (separator: string): readonly string[] => {
    const values = splitRecord(heading, separator);
    return Array.isArray(values) ? values : [];
  };
  const byName = separators.find((separator) => columns(separator).some((name) => deviceTokenHeading.test(name)));
  const [most] = separators.toSorted((a, b) => columns(b).length - columns(a).length);
  return byName ?? most!;
}

function toEntry({ names, deviceTokenAt }: Heading, line: number, values: readonly string[]): ListEntry {
  if (values.length !== names.length) {
    return { line, problem: `has ${values.length} values, but there are ${names.length} columns` };
  }
  const fields = names
    .map((name, index) => [name, values[index]!] as const)
    .filter((_, index) => index !== deviceTokenAt);
  try {
    const deviceToken = readDeviceToken(values[deviceTokenAt]!);
    return { line, deviceToken, fields: Object.fromEntries(fields), delivery: {} };
  } catch (error) {
    return { line, problem: (error as Error).message };
  }
}

/** A record, or what is wrong with it; `line` is where it begins. */
type CsvRecord = { readonly line: number } & ({ readonly values: readonly string[] } | { readonly problem: string });

/** Puts lines together to records. Behind a mistake, reading goes on with the line after the one where the record began. */
class RecordReader {
  readonly #lines: AsyncIterator<Line>;
  /** Lines that were read ahead. */
  #ahead: Line[] = [];

  constructor(lines: AsyncIterator<Line>) {
    this.#lines = lines;
  }

  /** The text of the next line that is not blank; it is left to be read. */
  async peek(): Promise<string | undefined> {
    const line = await this.#nextLine();
    if (line === undefined) return undefined;
    this.#ahead.unshift(line);
    return line.text ?? "";
  }

  async next(separator: string): Promise<CsvRecord | undefined> {
    const first = await this.#nextLine();
    if (first === undefined) return undefined;
    const line = first.number;
    if (first.text === undefined) return { line, problem: first.problem };
    let text = first.text;
    const more: Line[] = [];
    for (;;) {
      const values = splitRecord(text, separator);
      if (Array.isArray(values)) return { line, values };
      const following = values === "open" && more.length < maxRecordLines ? await this.#line() : undefined;
      if (following !== undefined) more.push(following);
      const length = text.length + (following?.text?.length ?? 0);
      if (following?.text === undefined || length > maxLineBytes) {
        this.#ahead.unshift(...more);
        return {
          line,
          problem: values === "open" ? "opens a quote that is not closed" : "has text behind a closing quote",
        };
      }
      text += `\n${following.text}`;
    }
  }

  async close(): Promise<void> {
    await this.#lines.return?.();
  }

  async #nextLine(): Promise<Line | undefined> {
    for (let line = await this.#line(); line !== undefined; line = await this.#line()) {
      if (line.text === undefined || line.text.trim() !== "") return line;
    }
    return undefined;
  }

  async #line(): Promise<Line | undefined> {
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) return ahead;
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : value;
  }
}

/** The values of a record, trimmed unless quoted; `open` if a quote is not closed in it, `broken` if text follows one that is. */
function splitRecord(text: string, separator: string): string[] | "open" | "broken" {
  if (!text.includes('"')) return text.split(separator).map((value) => value.trim());
  const values: string[] = [];
  for (let at = 0; ; at++) {
    const end = text.indexOf(separator, at);
    const plainEnd = end === -1 ? text.length : end;
    const start = at + /^[^\S\n]*/.exec(text.slice(at, plainEnd))![0].length;
    if (text[start] !== '"' || start >= plainEnd) {
      values.push(text.slice(at, plainEnd).trim());
      at = plainEnd;
    } else {
      const close = closingQuote(text, start + 1);
      if (close === -1) return "open";
      values.push(text.slice(start + 1, close).replaceAll('""', '"'));
      const next = text.indexOf(separator, close + 1);
      at = next === -1 ? text.length : next;
      if (text.slice(close + 1, at).trim() !== "") return "broken";
    }
    if (at >= text.length) return values;
  }
}

/** Where the quote is that ends a value; two in a row are one of its characters. -1 if there is none. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}
