import { ApnsError } from "@apns/core";

/** One thing that is wrong in a configuration file. */
export interface ConfigProblem {
  /** Line and column, from 1. */
  readonly line: number;
  readonly column: number;
  /** The path of the value, such as `apps[0].topic`. */
  readonly field: string;
  readonly problem: string;
}

/** A configuration file is wrong. The message lists every problem with its line, as `file:line:column: field: problem`. */
export class ConfigError extends ApnsError {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ line, column, field, problem }) => `${file}:${line}:${column}: ${field === "" ? "" : `${field}: `}${problem}`,
    );
    super("ERR_APNS_CONFIG", lines.join("\n"));
    this.problems = problems;
  }
}
