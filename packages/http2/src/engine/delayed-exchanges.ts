import type { Exchange } from "./exchange.js";

/** From this attempt on, one that APNs keeps refusing unprocessed waits before the next. */
const attemptsAtOnce = 3;
const firstDelayMs = 50;
const maxDelayMs = 5_000;

/**
 * Exchanges that were refused unprocessed so often that sending them again at once would be pestering. Each further
 * refusal doubles the wait, so that a server which refuses everything sees a dozen attempts within a deadline of 30
 * seconds, not thousands.
 */
export class DelayedExchanges implements Iterable<Exchange> {
  readonly #dueAt = new Map<Exchange, number>();

  get size(): number {
    return this.#dueAt.size;
  }

  /** Keeps the exchange for a while; false if it may be sent again at once. */
  add(exchange: Exchange, now: number): boolean {
    const refusals = exchange.attempts - attemptsAtOnce;
    if (refusals < 0) return false;
    this.#dueAt.set(exchange, now + Math.min(maxDelayMs, firstDelayMs * 2 ** refusals));
    return true;
  }

  /** Forgets one that is given up. */
  drop(exchange: Exchange): void {
    if (this.#dueAt.size > 0) this.#dueAt.delete(exchange);
  }

  /** Those whose wait is over. */
  takeDue(now: number): Exchange[] {
    const due: Exchange[] = [];
    for (const [exchange, dueAt] of this.#dueAt) if (dueAt <= now) due.push(exchange);
    for (const exchange of due) this.#dueAt.delete(exchange);
    return due;
  }

  [Symbol.iterator](): Iterator<Exchange> {
    return this.#dueAt.keys();
  }
}
