// Where the device tokens of a run come from: as fast as they are pulled or at a rate, with a pause when asked.

/** How much is let go together, in milliseconds' worth: timers are no finer. */
const portionMs = 20;

export class Feeder implements AsyncIterable<string> {
  readonly #deviceTokens: Iterable<string>;
  readonly #perSecond: number;
  #paused = false;
  #resume: () => void = () => {};
  #credit = 0;
  #creditAt = 0;

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
    this.#creditAt = performance.now();
    this.#resume();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    this.#creditAt = performance.now();
    for (const deviceToken of this.#deviceTokens) {
      while (this.#paused) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
      }
      if (this.#perSecond > 0) await this.#turn();
      yield deviceToken;
    }
  }

  async #turn(): Promise<void> {
    while (this.#credit < 1) {
      const now = performance.now();
      const due = ((now - this.#creditAt) / 1000) * this.#perSecond;
      if (due >= 1) {
        this.#credit = Math.min(due, Math.max(1, (this.#perSecond * portionMs) / 500));
        this.#creditAt = now;
      } else {
        const missingMs = ((1 - due) / this.#perSecond) * 1000;
        await new Promise((resolve) => setTimeout(resolve, Math.max(portionMs, missingMs)));
      }
    }
    this.#credit--;
  }
}
