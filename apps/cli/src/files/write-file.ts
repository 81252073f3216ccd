import { open } from "node:fs/promises";
import { showPath } from "@apns/core/internal";
import { UsageError } from "../errors.js";
import { writeError } from "./write-error.js";

export interface WriteOptions {
  /** Only its owner may read it. */
  readonly isSecret: boolean;
  /** Replace what is there. */
  readonly force: boolean;
}

/** Writes a file that an option names; never over one that is there, unless told so: it may be the only copy of a key. */
export async function writeNewFile(
  option: string,
  path: string,
  content: string | Uint8Array,
  { isSecret, force }: WriteOptions,
): Promise<void> {
  const mode = isSecret ? 0o600 : 0o644;
  try {
    const file = await open(path, force ? "w" : "wx", mode);
    try {
      // Before anything is in it: the one that it replaces may have been open to all.
      if (isSecret) await file.chmod(mode);
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new UsageError(`${option}: ${showPath(path)} is there already; --force replaces it`);
    }
    throw writeError(option, path, error);
  }
}
