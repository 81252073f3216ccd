import type { Request } from "./request.js";

/**
 * How far apart two deadlines may be and still pass together, in milliseconds. Without it the first requests of a burst that
 * are given up would make room for the next, to be written only to be given up in their turn.
 */
export const deadlineSlackMs = 5;

/** When requests are overdue. No timer for a single request: the dispatcher's tick asks. */
export class Deadlines {
  /** No request is overdue before this. */
  #earliest = Number.POSITIVE_INFINITY;

  /** Gives the request so long in its present state. The time is passed in: reading the clock costs 3 % of a push. */
  set(request: Request, timeoutMs: number, now: number): void {
    const dueAt = Math.min(request.deadlineAt, now + timeoutMs);
    request.dueAt = dueAt;
    if (dueAt < this.#earliest) this.#earliest = dueAt;
  }

  /** Nothing is unsettled any more. */
  clear(): void {
    this.#earliest = Number.POSITIVE_INFINITY;
  }

  /** Those of the unsettled requests that are overdue. They are walked only if one of them is. */
  overdue(unsettled: () => Iterable<Request>, now: number): Request[] {
    if (now < this.#earliest) return [];
    const overdue: Request[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const request of unsettled()) {
      if (request.dueAt <= now + deadlineSlackMs) overdue.push(request);
      else if (request.dueAt < this.#earliest) this.#earliest = request.dueAt;
    }
    return overdue;
  }
}
