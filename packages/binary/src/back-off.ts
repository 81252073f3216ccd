export interface BackOffOptions {
  /** The first delay, in milliseconds; it doubles with each failure. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/** So many connections in a row may be spent on one refusal each before they are slowed down. */
const freeRefusals = 10;
/** What each further one adds to the wait, and the most it comes to, in milliseconds. */
const refusalStepMs = 20;
const refusalMaxMs = 1000;

/**
 * How long to wait before connecting again. Apple takes rapid connecting and disconnecting for an attack and blocks who
 * does it, so the wait grows exponentially with connections that came to nothing. It varies by half, so that many
 * senders do not come back at the same instant.
 */
export class BackOff {
  readonly #options: BackOffOptions;
  readonly #random: () => number;
  #failures = 0;
  #refusals = 0;

  constructor(options: BackOffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  /** Connections in a row that came to nothing. */
  get failures(): number {
    return this.#failures;
  }

  /** The wait before the next attempt, in milliseconds: 0 while all is well. */
  get delayMs(): number {
    if (this.#failures > 0) {
      const { baseMs, maxMs } = this.#options;
      return Math.round(Math.min(maxMs, baseMs * 2 ** (this.#failures - 1)) * (0.5 + this.#random() / 2));
    }
    return Math.min(refusalMaxMs, Math.max(0, this.#refusals - freeRefusals) * refusalStepMs);
  }

  /** A connection came to nothing. */
  failed(): void {
    this.#failures++;
  }

  /** A connection led to verdicts. */
  succeeded(): void {
    this.#failures = 0;
    this.#refusals = 0;
  }

  /** A connection led to one refusal and nothing else: a list of dead device tokens, or a certificate without a topic. */
  refused(): void {
    this.#failures = 0;
    this.#refusals++;
  }
}
