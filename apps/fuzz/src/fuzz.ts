import { InputSource } from "./inputs/input-source.js";
import { Probe, type Problem } from "./probe.js";
import { shrink } from "./shrink.js";
import type { Target } from "./target.js";

export interface Finding extends Problem {
  /** The number of the input in the sequence of its seed. */
  readonly index: number;
  /** As small as it still fails, where that was tried. */
  readonly input: Uint8Array;
}

export interface FuzzOptions {
  readonly seed: number;
  /** The number of the first input. */
  readonly from: number;
  /** Asked before each input. */
  readonly isOver: (index: number) => boolean;
  /** Called before each input. */
  readonly onInput?: (index: number) => void;
  readonly onFinding: (finding: Finding) => void;
}

/** So many kinds of finding are enough to work on. */
export const maxFindings = 20;

/**
 * Feeds inputs to a target until it is told to stop. A finding is told once for each signature, and does not end the run.
 * @returns the number of the input after the last one
 */
export async function fuzz(target: Target, options: FuzzOptions): Promise<number> {
  const { seed, from, isOver, onInput, onFinding } = options;
  const open = await target.open();
  const probe = new Probe(target, open);
  const onStray = (error: unknown): void => probe.noteStray(error);
  process.on("uncaughtException", onStray);
  const source = new InputSource(target, open);
  const known = new Set<string>();
  const report = async (problem: Problem | undefined, index: number, input: Uint8Array): Promise<void> => {
    if (problem === undefined || known.has(problem.signature)) return;
    known.add(problem.signature);
    const fails = async (part: Uint8Array): Promise<boolean> =>
      (await probe.problemOf(part))?.signature === problem.signature;
    onFinding({ ...problem, index, input: problem.kind === "error" ? await shrink(input, fails) : input });
  };
  let index = from;
  let turn = performance.now();
  try {
    for (; !isOver(index) && known.size < maxFindings; index++) {
      onInput?.(index);
      const input = source.input(seed, index);
      await report(await probe.problemOf(input), index, input);
      // Timers, messages and signals have their turn, also of targets that never wait.
      if (performance.now() - turn < 50 && !isOver(index + 1)) continue;
      await new Promise((resolve) => setImmediate(resolve));
      await report(probe.strayProblem(), index, input);
      turn = performance.now();
    }
  } finally {
    process.off("uncaughtException", onStray);
    await open.close?.();
  }
  return index;
}

/** Feeds one input. */
export async function feedOne(target: Target, input: Uint8Array): Promise<Problem | undefined> {
  const open = await target.open();
  const probe = new Probe(target, open);
  const onStray = (error: unknown): void => probe.noteStray(error);
  process.on("uncaughtException", onStray);
  try {
    return await probe.problemOf(input);
  } finally {
    process.off("uncaughtException", onStray);
    await open.close?.();
  }
}
