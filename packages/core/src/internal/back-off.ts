export interface BackOffOptions {
  /** The delay after the first failure, in milliseconds; it doubles with each further one. */
  readonly baseMs: number;
  /** The longest delay before jitter, in milliseconds. */
  readonly maxMs: number;
  /** From 0 (included) to 1, like `Math.random`. @default Math.random */
  readonly random?: () => number;
}

/**
 * Exponential back-off with jitter: half of the delay is fixed, the other half random, so that senders that failed at the same
 * instant do not retry at the same instant.
 * @returns milliseconds; 0 without a failure
 */
export function backOffDelayMs(failures: number, { baseMs, maxMs, random = Math.random }: BackOffOptions): number {
  if (failures <= 0) return 0;
  const fullMs = Math.min(maxMs, baseMs * 2 ** (failures - 1));
  return Math.round(fullMs * (0.5 + random() / 2));
}

/** Counts failures in a row; the delay before the next attempt follows from them. */
export class BackOff {
  readonly #options: BackOffOptions;
  #failures = 0;

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** The delay before the next attempt, in milliseconds; 0 without a failure. The jitter is drawn anew at each reading. */
  get delayMs(): number {
    return backOffDelayMs(this.#failures, this.#options);
  }

  failed(): void {
    this.#failures++;
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
