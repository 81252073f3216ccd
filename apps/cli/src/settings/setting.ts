/**
 * The source of a setting, the most trusted first. The first four were given by the user, and are trusted alike; the others
 * are files that were found.
 */
export type Source = "option" | "variable" | "named file" | "user's file" | "working folder" | "folder above";

/** A value, and where it is from. */
export interface Setting {
  readonly value: string;
  /** For messages: `--key`, `APNS_KEY`, or the key of a configuration file. */
  readonly from: string;
  /** Where a relative path starts, if it is one: beside the file that names it. */
  readonly folder?: string | undefined;
  readonly source: Source;
  /** 0 for an option, 1 for the environment, then the files: the smaller one counts. */
  readonly rank: number;
}
