import { createReadStream, statSync } from "node:fs";
import { extname } from "node:path";
import { showPath } from "@apns/core/internal";
import { UsageError } from "../../errors.js";
import { reasonOf } from "../../files/reason-of.js";
import { claimStdin } from "../../files/stdin.js";
import { splitDeviceTokens } from "./device-token.js";
import { parsePlainLine } from "./plain.js";
import { type ListFormat, readList } from "./read-list.js";
import type { ListEntry } from "./target.js";
import { checkEncoding, parseEncoding, type TextEncoding } from "./text-encoding.js";

/** The devices to send to. */
export interface TargetList {
  /** Reads it from the start. @throws {UsageError} for stdin, the second time */
  read(): AsyncIterable<ListEntry>;
  /** What it was said to be, by option or name; `undefined` if its first line decides. */
  readonly format: ListFormat | undefined;
  /** How many there are, if that is known. */
  readonly count: number | undefined;
  /** Whether it can be read again: stdin cannot. */
  readonly isRepeatable: boolean;
  /** Lets go of stdin, from which more may come some day: it would keep the process waiting. */
  close(): void;
}

const formatsByExtension: Readonly<Record<string, ListFormat>> = {
  ".csv": "csv",
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
};

/** What the command line says of a list. */
export interface ListOptions {
  readonly file: string | undefined;
  readonly format: ListFormat | undefined;
  /** @default by the first bytes of the list */
  readonly encoding?: string | undefined;
  /** The option that names it. @default "--to" */
  readonly option?: string;
}

/**
 * The list the command line names: arguments, a file, or stdin.
 * @throws {UsageError} if there is none, or more than one, or a file is not text in its encoding
 */
export async function openList(deviceTokens: readonly string[], options: ListOptions): Promise<TargetList> {
  const { file, format, option = "--to" } = options;
  const encoding = options.encoding === undefined ? undefined : parseEncoding(options.encoding);
  if (deviceTokens.length > 0 && file !== undefined) {
    throw new UsageError("give device tokens as arguments or by --to, not both");
  }
  if (file === "-") return openStdin(option, format, encoding);
  if (file !== undefined) return openFile(option, file, format, encoding);
  if (deviceTokens.length === 0) {
    throw new UsageError("to whom? Give device tokens as arguments, or a list by --to FILE (- is stdin)");
  }
  const entries = deviceTokens.flatMap(splitDeviceTokens).map((text, index) => parsePlainLine(index + 1, text));
  return {
    read: () => listArguments(entries),
    format: "plain",
    count: entries.length,
    isRepeatable: true,
    close: () => {},
  };
}

async function* listArguments(entries: readonly ListEntry[]): AsyncGenerator<ListEntry> {
  yield* entries;
}

function openStdin(option: string, format: ListFormat | undefined, encoding: TextEncoding | undefined): TargetList {
  const stdin = claimStdin(option);
  return {
    read: () => readList(stdin, format, encoding),
    format,
    count: undefined,
    isRepeatable: false,
    close: () => void stdin.destroy(),
  };
}

async function openFile(
  option: string,
  path: string,
  format: ListFormat | undefined,
  encoding: TextEncoding | undefined,
): Promise<TargetList> {
  try {
    if (statSync(path).isDirectory()) throw new UsageError(`${option}: ${showPath(path)} is a folder, not a file`);
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${option}: ${reasonOf(error, path)}`);
  }
  const named = format ?? formatsByExtension[extname(path).toLowerCase()];
  const isRegular = statSync(path).isFile();
  // A pipe can be read once only: its lines are checked as they come.
  if (isRegular) await checkEncoding(() => createReadStream(path), encoding, `${option}: `, showPath(path));
  const read = (): AsyncIterable<ListEntry> => readList(createReadStream(path), named, encoding);
  return {
    read,
    format: named,
    count: process.stderr.isTTY && isRegular && named !== "json" ? await countLines(path, named) : undefined,
    isRepeatable: isRegular,
    close: () => {},
  };
}

/** For the progress bar: how many lines there are, headings not counted. */
async function countLines(path: string, format: ListFormat | undefined): Promise<number> {
  let count = 0;
  let last = 10;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++;
    last = chunk.at(-1) ?? last;
  }
  return count + (last === 10 ? 0 : 1) - (format === "csv" ? 1 : 0);
}
