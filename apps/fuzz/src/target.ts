import type { Random } from "./inputs/random.js";

/** Code that takes input of strangers, as a function of bytes. */
export interface Target {
  readonly name: string;
  /** What is fed, for the help. */
  readonly summary: string;
  /** Inputs are cut to this length, in bytes. */
  readonly maxInputBytes: number;
  /** An input that takes longer, in milliseconds, three times in a row, is a finding. */
  readonly maxMs: number;
  /** Inputs of the run that is part of the tests. */
  readonly testInputs: number;
  /** Makes what the inputs are fed to: servers, keys. */
  open(): OpenTarget | Promise<OpenTarget>;
}

export interface OpenTarget {
  /** Sound inputs and old findings, to begin with; those in the folder `corpus/NAME` come on top. */
  readonly seeds: readonly Uint8Array[];
  /** A change that knows the format, in place of one that only knows bytes. */
  readonly mutate?: (seed: Uint8Array, random: Random) => Uint8Array;
  /**
   * Feeds one input. Ends in peace whether the input is taken or refused by an error that is declared; whatever it throws
   * is a finding. Keeps no state from one input to the next that could change the outcome.
   */
  run(input: Uint8Array): void | Promise<void>;
  close?(): Promise<void>;
}
