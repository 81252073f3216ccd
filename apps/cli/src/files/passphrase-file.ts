import { credentialsError, UnreadableFileError } from "../errors.js";
import { type GivenFile, readGivenFile, withoutMark } from "./given-file.js";

/**
 * The passphrase in a file. It cannot be given in place of the path: any text may be one, and a mistyped path would be taken
 * for it. For the same reason no message repeats the value.
 */
export async function readPassphraseFile(given: GivenFile, variable: string): Promise<string> {
  const { content } = await readGivenFile(given, {
    contentOf: () => undefined,
    refuse: (from) =>
      new UnreadableFileError(
        `${from} names no file that can be read; the name is not repeated here, since it may be the passphrase: give that by ${variable}, or pipe it in with -`,
      ),
  });
  // Editors end a file with a line end, which is not part of the passphrase.
  return withoutMark(content.toString("utf8")).replace(/\r?\n$/, "");
}

/** The error for a variable that should hold a passphrase; its name is not repeated, either: it may be the passphrase. */
export function noVariable(from: string, usual: string): Error {
  return credentialsError(
    `${from} names a variable that is not set, or empty; the name is not repeated here, since it may be the passphrase: give that by ${usual}`,
  );
}
