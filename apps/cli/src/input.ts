import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { UsageError } from "./errors.js";

/** The text of a file that an option names; `-` is stdin. */
export async function readInput(option: string, path: string): Promise<string> {
  if (path === "-") {
    if (process.stdin.isTTY) throw new UsageError(`${option} - reads stdin, but nothing is piped into it`);
    return text(process.stdin);
  }
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`${option}: ${reasonOf(error)}`);
  }
}

/** Why a file could not be read, without Node's own words for it. */
export function reasonOf(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return `there is no file ${path}`;
  if (code === "EISDIR") return "that is a folder, not a file";
  if (code === "EACCES") return `${path} may not be read by you`;
  return message;
}
