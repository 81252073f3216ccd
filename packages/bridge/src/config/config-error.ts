import { ApnsError } from "@apns/core";
import { withoutSecrets } from "@apns/core/internal";

/** One thing that is wrong in a configuration file. */
export interface ConfigProblem {
  /** Line and column, from 1. */
  readonly line: number;
  readonly column: number;
  /** The path of the value, such as `apps[0].topic`. */
  readonly field: string;
  readonly problem: string;
}

/** Of more problems than these the rest follows from the first ones, or is no configuration at all. */
export const maxToldProblems = 50;

/**
 * A configuration file is wrong. The message lists every problem with its line, as `file:line:column: field: problem`; of many,
 * the first 50.
 */
export class ConfigError extends ApnsError {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  /** Of names and values in the file, those that may be a secret are not repeated: a key may stand in place of its path. */
  constructor(file: string, found: readonly ConfigProblem[]) {
    const problems = found.slice(0, maxToldProblems).map((one) => ({
      ...one,
      field: withoutSecrets(one.field),
      problem: withoutSecrets(one.problem),
    }));
    const lines = problems.map(
      ({ line, column, field, problem }) => `${file}:${line}:${column}: ${field === "" ? "" : `${field}: `}${problem}`,
    );
    if (found.length > maxToldProblems) lines.push(`${file}: there are more problems than these ${maxToldProblems}.`);
    super("ERR_APNS_CONFIG", lines.join("\n"));
    this.problems = problems;
  }
}
