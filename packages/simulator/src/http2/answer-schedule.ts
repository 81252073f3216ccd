import type { SideFault } from "../faults/fault.js";
import type { Timers } from "../io/timers.js";
import type { ServerContext } from "../server-context.js";

/** How long answers are held at most until there are enough of them to shuffle. */
const holdMs = 50;

/** Decides when answers leave: at once, unless a fault delays or reorders them. */
export class AnswerSchedule {
  readonly #timers: Timers;
  readonly #clockTimers: Timers;
  readonly #random: () => number;
  /** Called once answers were queued outside of the machine's handlers. */
  readonly #flush: () => void;
  #held: (() => void)[] = [];
  #cancel: (() => void) | undefined;

  constructor({ timers, clockTimers, random }: ServerContext, flush: () => void) {
    this.#timers = timers;
    this.#clockTimers = clockTimers;
    this.#random = random;
    this.#flush = flush;
  }

  /** Runs `answer` at the time that these faults decide. */
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
    this.#cancel ??= this.#timers.after(holdMs, () => this.#release());
    if (this.#held.length >= depth) this.#release();
  }

  #release(): void {
    this.#cancel?.();
    this.#cancel = undefined;
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
