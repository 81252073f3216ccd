// The process that feeds the inputs: of its own, because an input may end it.
import { openSync, writeSync } from "node:fs";
import { answerParent } from "@apns/processes";
import { type Finding, feedOne, fuzz } from "./fuzz.js";
import type { Problem } from "./probe.js";
import { targetNamed } from "./targets/targets.js";

export interface Job {
  readonly target: string;
  readonly seed: number;
  /** The number of the first input. */
  readonly from: number;
  readonly maxInputs: number;
  readonly maxMs: number;
  /** Where the number of the input that is being fed is written, for whoever survives it. */
  readonly positionFile: string;
}

export type FuzzCalls = {
  /** Tells findings as events. Returns the number of the input after the last one. */
  fuzz: (job: Job) => Promise<number>;
  feedOne: (job: { readonly target: string; readonly input: Uint8Array }) => Promise<Problem | undefined>;
};

const emit = answerParent<FuzzCalls, Finding>({
  fuzz: ({ target, seed, from, maxInputs, maxMs, positionFile }) => {
    const position = openSync(positionFile, "w");
    const number = new Uint32Array(1);
    const end = performance.now() + maxMs;
    return fuzz(targetNamed(target)!, {
      seed,
      from,
      isOver: (index) => index >= maxInputs || performance.now() >= end,
      onInput: (index) => {
        number[0] = index;
        writeSync(position, number, 0, 4, 0);
      },
      onFinding: (finding) => emit(finding),
    });
  },
  feedOne: ({ target, input }) => feedOne(targetNamed(target)!, input),
});
