import { showPath } from "@apns/core/internal";
import { OutputError, UsageError } from "../errors.js";

/** Errors of a device or reader that took the output until then; all others are about the name that was given. */
const deviceReasons: Readonly<Record<string, string>> = {
  EDQUOT: "your quota of the disk is used up",
  EFBIG: "the file may not become larger",
  EIO: "the device reports an error",
  ENOSPC: "no space is left on the device",
  EPIPE: "its reader has closed it",
};

const nameReasons: Readonly<Record<string, (name: string) => string>> = {
  EACCES: (name) => `${name} may not be written by you`,
  EEXIST: (name) => `${name} is a file, not a folder`,
  EISDIR: (name) => `${name} is a folder, not a file`,
  ENAMETOOLONG: (name) => `${name} is too long for the name of a file`,
  ENOENT: (name) => `there is no folder for ${name}`,
  ENOTDIR: (name) => `${name} leads through something that is no folder`,
  EPERM: (name) => `${name} may not be written by you`,
  EROFS: (name) => `${name} is on a file system that cannot be written`,
};

/** Why output could not be written, with the code of the system; for a sentence that names the output. */
export function writeProblem(error: unknown): string {
  const { code = "unknown" } = error as NodeJS.ErrnoException;
  const reason = deviceReasons[code];
  return reason === undefined ? `(${code})` : `(${reason}, ${code})`;
}

/**
 * The error of a file that an option names and that cannot be written: a `UsageError` if another name would help, an
 * `OutputError` if not.
 */
export function writeError(option: string, path: string, error: unknown): UsageError | OutputError {
  const { code = "" } = error as NodeJS.ErrnoException;
  const name = showPath(path);
  if (Object.hasOwn(deviceReasons, code)) {
    return new OutputError(`${option}: ${name} cannot be written ${writeProblem(error)}`, error);
  }
  return new UsageError(`${option}: ${nameReasons[code]?.(name) ?? `${name} cannot be written (${code})`}`);
}
