// The source of a run's device tokens, with a rate limit (a token bucket) and a pause.

/** How often the bucket is refilled, in milliseconds: timers are no finer. */
const refillEveryMs = 20;

export class Feeder implements AsyncIterable<string> {
  readonly #deviceTokens: Iterable<string>;
  readonly #perSecond: number;
  #paused = false;
  #resume: () => void = () => {};
  #permits = 0;
  #refilledAt = 0;

  /** @param perSecond 0: no limit */
  constructor(deviceTokens: Iterable<string>, perSecond: number) {
    this.#deviceTokens = deviceTokens;
    this.#perSecond = perSecond;
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  /** Goes on; what the pause took is not made up for. */
  resume(): void {
    this.#paused = false;
    this.#refilledAt = performance.now();
    this.#resume();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    this.#refilledAt = performance.now();
    for (const deviceToken of this.#deviceTokens) {
      while (this.#paused) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
      }
      if (this.#perSecond > 0) await this.#takePermit();
      yield deviceToken;
    }
  }

  async #takePermit(): Promise<void> {
    while (this.#permits < 1) {
      const now = performance.now();
      const due = ((now - this.#refilledAt) / 1000) * this.#perSecond;
      if (due >= 1) {
        this.#permits = Math.min(due, Math.max(1, (this.#perSecond * refillEveryMs) / 500));
        this.#refilledAt = now;
      } else {
        const missingMs = ((1 - due) / this.#perSecond) * 1000;
        await new Promise((resolve) => setTimeout(resolve, Math.max(refillEveryMs, missingMs)));
      }
    }
    this.#permits--;
  }
}
