/** The time that a transport gives its open sends when it is closed. Closing it again can shorten that time, not prolong it. */
export class DrainDeadline {
  /** Resolves when the time is up. */
  readonly passed: Promise<void>;
  #resolve: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endsAt = Number.POSITIVE_INFINITY;
  #timeoutMs = 0;

  constructor() {
    this.passed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** The time allowed by the call of {@link within} that counts, in milliseconds. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** The time left, in milliseconds. */
  get remainingMs(): number {
    return Math.max(0, Math.round(this.#endsAt - performance.now()));
  }

  /** Ends in so many milliseconds, unless it ends earlier already. */
  within(timeoutMs: number): void {
    const endsAt = performance.now() + timeoutMs;
    if (endsAt >= this.#endsAt) return;
    clearTimeout(this.#timer);
    this.#endsAt = endsAt;
    this.#timeoutMs = timeoutMs;
    this.#timer = setTimeout(this.#resolve, timeoutMs);
  }

  /** Nothing waits for it any more: the timer must not keep the process alive. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#endsAt = Number.NEGATIVE_INFINITY;
  }
}
