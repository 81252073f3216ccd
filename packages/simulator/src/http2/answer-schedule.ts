import type { SideFault } from "../faults/fault.js";
import type { Timers } from "../io/timers.js";
import type { Surroundings } from "../surroundings.js";

/** How long answers are held for others to overtake them. */
const holdMs = 50;

/** When answers leave: at once, unless faults delay or mix them. */
export class AnswerSchedule {
  readonly #timers: Timers;
  readonly #clockTimers: Timers;
  readonly #random: () => number;
  /** Called when answers were given outside of the machine's own doing. */
  readonly #flush: () => void;
  #held: (() => void)[] = [];
  #callOff: (() => void) | undefined;

  constructor({ timers, clockTimers, random }: Surroundings, flush: () => void) {
    this.#timers = timers;
    this.#clockTimers = clockTimers;
    this.#random = random;
    this.#flush = flush;
  }

  /** Has an answer given, in the manner of these faults. */
  give(answer: () => void, faults: readonly SideFault[]): void {
    let delayMs: number | undefined;
    let depth: number | undefined;
    for (const fault of faults) {
      if (fault.type === "delay") delayMs = (delayMs ?? 0) + fault.ms + this.#random() * (fault.jitterMs ?? 0);
      else if (fault.type === "reorder") depth = fault.depth;
    }
    const due = depth === undefined ? answer : () => this.#hold(answer, depth);
    if (delayMs === undefined) {
      due();
      return;
    }
    this.#clockTimers.after(delayMs, () => {
      due();
      this.#flush();
    });
  }

  #hold(answer: () => void, depth: number): void {
    this.#held.push(answer);
    this.#callOff ??= this.#timers.after(holdMs, () => this.#release());
    if (this.#held.length >= depth) this.#release();
  }

  #release(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const held = this.#held;
    this.#held = [];
    for (let last = held.length - 1; last > 0; last--) {
      const other = Math.floor(this.#random() * (last + 1));
      [held[last], held[other]] = [held[other]!, held[last]!];
    }
    for (const answer of held) answer();
    this.#flush();
  }
}
