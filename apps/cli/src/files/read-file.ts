import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { UsageError } from "../errors.js";
import { reasonOf } from "../input.js";

/** A file's content, with the name by which errors call it. */
export interface ReadFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** The bytes of a file that an argument or option names; `-` is stdin. */
export async function readBytes(argument: string, path: string): Promise<ReadFile> {
  if (path === "-") {
    if (process.stdin.isTTY) throw new UsageError(`${argument} - reads stdin, but nothing is piped into it`);
    return { name: "stdin", content: await buffer(process.stdin) };
  }
  try {
    return { name: path, content: await readFile(path) };
  } catch (error) {
    throw new UsageError(`${argument}: ${reasonOf(error)}`);
  }
}
