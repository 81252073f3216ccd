import { BackOff, type BackOffOptions } from "@apns/core/internal";

/** So many connections in a row may be spent on one refusal each before they are slowed down. */
const freeRefusals = 10;
/** What each further one adds to the wait, and the most it comes to, in milliseconds. */
const refusalStepMs = 20;
const refusalMaxMs = 1000;

/**
 * How long to wait before connecting again: exponential back-off for connections that came to nothing, since Apple takes rapid
 * connecting and disconnecting for an attack; and a slower, linear one for connections that were spent on one refusal each.
 */
export class RefusalBackOff {
  readonly #backOff: BackOff;
  #refusals = 0;

  constructor(options: BackOffOptions) {
    this.#backOff = new BackOff(options);
  }

  /** Connections in a row that came to nothing. */
  get failures(): number {
    return this.#backOff.failures;
  }

  /** The wait before the next attempt, in milliseconds: 0 while all is well. */
  get delayMs(): number {
    if (this.#backOff.failures > 0) return this.#backOff.delayMs;
    return Math.min(refusalMaxMs, Math.max(0, this.#refusals - freeRefusals) * refusalStepMs);
  }

  /** A connection came to nothing. */
  failed(): void {
    this.#backOff.failed();
  }

  /** A connection led to verdicts. */
  succeeded(): void {
    this.#backOff.succeeded();
    this.#refusals = 0;
  }

  /** A connection led to one refusal and nothing else: a list of dead device tokens, or a certificate without a topic. */
  refused(): void {
    this.#backOff.succeeded();
    this.#refusals++;
  }
}
