import { setTimeout } from "node:timers/promises";

/** Timers are no finer: what is due within this time is let go together, in milliseconds. */
const burstMs = 20;

/** A token bucket for a list that is pulled: each notification takes a permit, and waits for it if there is none. */
export class Pace {
  readonly #perSecond: number;
  readonly #signal: AbortSignal;
  #permits = 1;
  #refilledAt: number = performance.now();

  /**
   * @param perSecond permits per second
   * @param signal ends all waiting
   */
  constructor(perSecond: number, signal: AbortSignal) {
    this.#perSecond = perSecond;
    this.#signal = signal;
  }

  /** Resolves when there is a permit, or the signal has aborted. */
  async take(): Promise<void> {
    for (;;) {
      const now = performance.now();
      const most = Math.max(1, (this.#perSecond * burstMs) / 1000);
      this.#permits = Math.min(most, this.#permits + ((now - this.#refilledAt) / 1000) * this.#perSecond);
      this.#refilledAt = now;
      if (this.#permits >= 1 || this.#signal.aborted) break;
      const missingMs = ((1 - this.#permits) / this.#perSecond) * 1000;
      await setTimeout(Math.max(missingMs, burstMs / 2), undefined, { signal: this.#signal }).catch(() => {});
    }
    this.#permits--;
  }
}
