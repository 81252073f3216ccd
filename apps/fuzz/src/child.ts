// The process that feeds the inputs, of its own because an input may end it. Its parent starts it with one argument, a `Job`
// as JSON, and is told of findings by messages.
import { openSync, readFileSync, writeSync } from "node:fs";
import { type Finding, feedOne, fuzz } from "./fuzz.js";
import type { Problem } from "./probe.js";
import { targetNamed } from "./targets/targets.js";

export type Job = {
  readonly target: string;
  /** Where the number of the input that is being fed stands, for whoever survives it. */
  readonly positionFile: string;
} & (
  | { readonly seed: number; readonly from: number; readonly maxInputs: number; readonly maxMs: number }
  | { readonly inputFile: string }
);

export type Message =
  | { readonly kind: "finding"; readonly finding: Omit<Finding, "input"> & { readonly inputBase64: string } }
  /** Of a single input. */
  | { readonly kind: "verdict"; readonly problem: Problem | undefined }
  | { readonly kind: "done"; readonly next: number };

const job = JSON.parse(process.argv[2]!) as Job;
const target = targetNamed(job.target)!;
const tell = (message: Message): void => void process.send!(message);

// Whoever started it is gone.
process.on("disconnect", () => process.exit(1));
// The parent decides what Ctrl-C means.
process.on("SIGINT", () => {});

if ("inputFile" in job) {
  tell({ kind: "verdict", problem: await feedOne(target, readFileSync(job.inputFile)) });
} else {
  const position = openSync(job.positionFile, "w");
  const number = new Uint32Array(1);
  const end = performance.now() + job.maxMs;
  const next = await fuzz(target, {
    seed: job.seed,
    from: job.from,
    isOver: (index) => index >= job.maxInputs || performance.now() >= end,
    onInput: (index) => {
      number[0] = index;
      writeSync(position, number, 0, 4, 0);
    },
    onFinding: ({ input, ...finding }) =>
      tell({ kind: "finding", finding: { ...finding, inputBase64: Buffer.from(input).toString("base64") } }),
  });
  tell({ kind: "done", next });
}
process.disconnect();
