import type { Exchange } from "./exchange.js";

/** So many places of exchanges that were given up are kept, or as many as there are others. */
const maxIdlePlaces = 1024;

/**
 * Exchanges that wait for a stream, first come first served; those put back return to the place they had.
 *
 * One that is given up while it waits stays in its place until its turn comes and is passed over then, or until such
 * places are the most of all, so that giving up costs next to nothing; `size` does not count it.
 */
export class SendQueue implements Iterable<Exchange> {
  /** Put back; the first to go is the last in the array, once it is sorted. */
  #returned: Exchange[] = [];
  #returnedSorted = true;
  #waiting: Exchange[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many places it keeps, those of exchanges that were given up included. */
  get places(): number {
    return this.#returned.length + this.#waiting.length - this.#head;
  }

  add(exchange: Exchange): void {
    exchange.queued = true;
    this.#size++;
    this.#waiting.push(exchange);
  }

  putBack(exchange: Exchange): void {
    exchange.queued = true;
    this.#size++;
    this.#returned.push(exchange);
    this.#returnedSorted = false;
  }

  take(): Exchange | undefined {
    for (;;) {
      const exchange = this.#takeReturned() ?? this.#takeWaiting();
      if (exchange === undefined) return undefined;
      if (!exchange.queued) continue;
      exchange.queued = false;
      this.#size--;
      return exchange;
    }
  }

  /** Forgets one that is given up; one that does not wait is left alone. */
  drop(exchange: Exchange): void {
    if (!exchange.queued) return;
    exchange.queued = false;
    this.#size--;
    if (this.places - this.#size > Math.max(maxIdlePlaces, this.#size)) this.#compact();
  }

  /** Those that wait, in no particular order. */
  *[Symbol.iterator](): Iterator<Exchange> {
    for (const exchange of this.#returned) if (exchange.queued) yield exchange;
    for (let index = this.#head; index < this.#waiting.length; index++) {
      if (this.#waiting[index]!.queued) yield this.#waiting[index]!;
    }
  }

  #compact(): void {
    this.#returned = this.#returned.filter(({ queued }) => queued);
    this.#waiting = this.#waiting.slice(this.#head).filter(({ queued }) => queued);
    this.#head = 0;
  }

  #takeReturned(): Exchange | undefined {
    // Streams of a dying connection fail in any order; sorting when they are taken costs once for all of them.
    if (!this.#returnedSorted) this.#returned.sort((a, b) => b.sequence - a.sequence);
    this.#returnedSorted = true;
    return this.#returned.pop();
  }

  #takeWaiting(): Exchange | undefined {
    if (this.#head === this.#waiting.length) return undefined;
    const exchange = this.#waiting[this.#head++];
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#waiting.length) {
      // Cut rarely, so that taking from the front does not move everything behind it each time.
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return exchange;
  }
}
