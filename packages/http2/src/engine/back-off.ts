/** The first delay; it doubles with each failure. */
const baseMs = 100;
const maxMs = 10_000;

/**
 * How long to wait before connecting again. Grows exponentially, because APNs treats rapid reconnecting as an attack,
 * and varies by half, so that many senders do not come back at the same instant.
 */
export class BackOff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The delay before the next attempt, in milliseconds: 0 until something failed. */
  get delayMs(): number {
    if (this.#failures === 0) return 0;
    const full = Math.min(maxMs, baseMs * 2 ** (this.#failures - 1));
    return Math.round(full * (0.5 + this.#random() / 2));
  }

  failed(): void {
    this.#failures++;
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
