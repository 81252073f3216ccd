import { backOffDelayMs } from "@apns/core/internal";
import type { Request } from "./request.js";

/** From this attempt on, a request that APNs keeps refusing unprocessed waits before the next. */
const attemptsAtOnce = 3;

/** Without jitter: the refusals of one peer come at different times anyway. */
const backOff = { baseMs: 50, maxMs: 5_000, random: () => 1 };

/**
 * Requests that were refused unprocessed so often that sending them again at once would be pestering. Each further refusal
 * doubles the wait, so that a server which refuses everything sees a dozen attempts within a deadline of 30 seconds, not
 * thousands.
 */
export class DelayedRequests implements Iterable<Request> {
  readonly #dueAt = new Map<Request, number>();

  get size(): number {
    return this.#dueAt.size;
  }

  /** Keeps the request for a while; false if it may be sent again at once. */
  add(request: Request, now: number): boolean {
    const refusals = request.attempts - attemptsAtOnce;
    if (refusals < 0) return false;
    this.#dueAt.set(request, now + backOffDelayMs(refusals + 1, backOff));
    return true;
  }

  /** Forgets one that is given up. */
  delete(request: Request): void {
    this.#dueAt.delete(request);
  }

  /** Takes out those whose wait is over. */
  takeDue(now: number): Request[] {
    const due: Request[] = [];
    for (const [request, dueAt] of this.#dueAt) if (dueAt <= now) due.push(request);
    for (const request of due) this.#dueAt.delete(request);
    return due;
  }

  [Symbol.iterator](): Iterator<Request> {
    return this.#dueAt.keys();
  }
}
