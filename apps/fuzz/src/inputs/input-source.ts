import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { corpusFolder } from "../folders.js";
import type { OpenTarget, Target } from "../target.js";
import { mutateBytes } from "./mutate-bytes.js";
import { Random } from "./random.js";

/** The files kept for a target, in the order of their names. */
function corpusOf(name: string): Uint8Array[] {
  let files: string[];
  try {
    files = readdirSync(join(corpusFolder, name)).sort();
  } catch {
    return [];
  }
  return files.map((file) => readFileSync(join(corpusFolder, name, file)));
}

/** The inputs of a target, by seed and number: the corpus as it is, then changes to it without end. */
export class InputSource {
  readonly #seeds: readonly Uint8Array[];
  readonly #mutate: OpenTarget["mutate"];
  readonly #maxBytes: number;

  constructor({ name, maxInputBytes }: Target, { seeds, mutate }: OpenTarget) {
    this.#seeds = [...corpusOf(name), ...seeds];
    this.#mutate = mutate;
    this.#maxBytes = maxInputBytes;
  }

  /** Input number `index`: the same for the same seed, whichever came before. */
  input(seed: number, index: number): Uint8Array {
    return (this.#seeds[index] ?? this.#changed(seed, index)).subarray(0, this.#maxBytes);
  }

  #changed(seed: number, index: number): Uint8Array {
    const random = new Random(Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) + Math.imul(index, 0x9e37_79b1));
    const chosen = random.pick(this.#seeds);
    if (random.oneIn(50)) return random.bytes(random.below(300));
    if (this.#mutate === undefined || random.oneIn(4)) return mutateBytes(chosen, random.pick(this.#seeds), random);
    const changed = this.#mutate(chosen, random);
    // What knows the format keeps to it.
    return random.oneIn(8) ? mutateBytes(changed, chosen, random) : changed;
  }
}
