import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { normalizeDeviceToken } from "@apns/core";
import { show } from "@apns/core/internal";
import { parse } from "csv-parse";
import { UsageError } from "../../errors.js";
import { maxLineBytes } from "./lines.js";
import type { ListEntry } from "./target.js";

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * A list with a heading. The column `deviceToken` (or `token`) is the device; the others are merge fields.
 * @throws {UsageError} if there is no such column, or the file is no CSV
 */
export async function* parseCsv(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ListEntry> {
  const parser = parse({
    bom: true,
    info: true,
    max_record_size: maxLineBytes,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  // Its failure is the parser's, too, which is being read.
  pipeline(Readable.from(stream), parser).catch(() => {});
  let heading: Heading | undefined;
  try {
    for await (const row of parser as AsyncIterable<Row>) {
      if (heading === undefined) heading = readHeading(row.record);
      else yield toEntry(heading, row);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Its message quotes the list.
    const { code, lines } = error as { readonly code?: string; readonly lines?: number };
    const problem = code?.replace(/^CSV_/, "").replaceAll("_", " ").toLowerCase() ?? "it cannot be read";
    throw new UsageError(`the list is no CSV: ${problem}${lines === undefined ? "" : `, on line ${lines}`}`);
  }
}

interface Heading {
  readonly names: readonly string[];
  readonly deviceTokenAt: number;
}

function readHeading(names: readonly string[]): Heading {
  const deviceTokenAt = names.findIndex((name) => /^(device[_-]?token|token)$/i.test(name));
  if (deviceTokenAt !== -1) return { names, deviceTokenAt };
  throw new UsageError(
    `the list has no column deviceToken; its first line must name the columns, and names ${names.slice(0, 10).map(show).join(", ")}`,
  );
}

function toEntry({ names, deviceTokenAt }: Heading, { record, info }: Row): ListEntry {
  const line = info.lines;
  if (record.length !== names.length) {
    return { line, problem: `has ${record.length} values, but there are ${names.length} columns` };
  }
  const fields = names
    .map((name, index) => [name, record[index]!] as const)
    .filter((_, index) => index !== deviceTokenAt);
  try {
    const deviceToken = normalizeDeviceToken(record[deviceTokenAt]!);
    return { line, deviceToken, fields: Object.fromEntries(fields), delivery: {} };
  } catch (error) {
    return { line, problem: (error as Error).message };
  }
}
