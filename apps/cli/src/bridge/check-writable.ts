import { accessSync, constants, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { InvalidArgumentError } from "@apns/core";
import { showPath } from "@apns/core/internal";

/**
 * Whether a file or folder could be written, or made where there is none. Makes nothing.
 * @param field the setting that names it, for messages
 * @throws {InvalidArgumentError} naming the setting
 */
export function checkWritable(field: string, path: string, kind: "file" | "folder"): void {
  const stats = statsOf(path);
  if (stats !== undefined && stats.isDirectory() !== (kind === "folder")) {
    throw new InvalidArgumentError(field, `${showPath(path)} is ${kind === "file" ? "a folder" : "no folder"}.`);
  }
  const present = stats === undefined ? nearestPresent(dirname(path)) : path;
  try {
    accessSync(present, constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InvalidArgumentError(field, `${showPath(present)} cannot be written by this user (${code}).`, { cause });
  }
  if (present !== path && !statSync(present).isDirectory()) {
    throw new InvalidArgumentError(field, `${showPath(path)} cannot be made: ${showPath(present)} is no folder.`);
  }
}

/** `undefined` if there is nothing, or if a folder that it would be in is a file. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function nearestPresent(folder: string): string {
  return statsOf(folder) !== undefined || dirname(folder) === folder ? folder : nearestPresent(dirname(folder));
}
