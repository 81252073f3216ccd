import { Fifo } from "./fifo.js";

/** Places of settled items are removed once there are more than this, and more than of waiting ones. */
const maxIdlePlaces = 1024;

export interface SendQueueOptions<T> {
  /** Whether an item still waits: false once it was settled elsewhere. */
  readonly isWaiting: (item: T) => boolean;
  /** The order of items that are put back, as for `Array.sort`. @default the order in which they are put back */
  readonly compare?: (one: T, other: T) => number;
}

/**
 * A queue of items that wait to be written, first in, first out; items that are put back go before the others.
 *
 * An item that is settled while it waits (by its signal or deadline) keeps its place, which is skipped later or removed with
 * others at once, so that its removal costs nothing. The owner calls `left` for it; `size` does not count it.
 */
export class SendQueue<T> {
  readonly #isWaiting: (item: T) => boolean;
  readonly #compare: ((one: T, other: T) => number) | undefined;
  readonly #waiting = new Fifo<T>();
  /** Items put back, in reverse: the next one is the last, once sorted. */
  #returned: T[] = [];
  #sorted = true;
  /** Places of items that were settled while they waited. */
  #idlePlaces = 0;

  constructor({ isWaiting, compare }: SendQueueOptions<T>) {
    this.#isWaiting = isWaiting;
    this.#compare = compare;
  }

  /** How many items wait. */
  get size(): number {
    return this.places - this.#idlePlaces;
  }

  /** How many places the queue has, including those of items that were settled while they waited. */
  get places(): number {
    return this.#waiting.size + this.#returned.length;
  }

  add(item: T): void {
    this.#waiting.push(item);
  }

  /** Puts items back to the front, in their order. */
  putBack(items: readonly T[]): void {
    for (let index = items.length - 1; index >= 0; index--) this.#returned.push(items[index]!);
    this.#sorted = this.#compare === undefined;
  }

  /** The next item, without removing it. */
  peek(): T | undefined {
    for (;;) {
      const item = this.#next();
      if (item === undefined || this.#isWaiting(item)) return item;
      this.#remove();
      this.#idlePlaces--;
    }
  }

  /** Removes and returns the next item. */
  take(): T | undefined {
    const item = this.peek();
    if (item !== undefined) this.#remove();
    return item;
  }

  /** To be called when an item was settled while it waited. */
  left(): void {
    this.#idlePlaces++;
    if (this.#idlePlaces <= Math.max(maxIdlePlaces, this.size)) return;
    this.#waiting.filter(this.#isWaiting);
    this.#returned = this.#returned.filter(this.#isWaiting);
    this.#idlePlaces = 0;
  }

  /** Removes and returns all items that wait, in order. */
  drain(): T[] {
    const all = [...this];
    this.#waiting.clear();
    this.#returned = [];
    this.#idlePlaces = 0;
    return all;
  }

  /** The items that wait, in order. */
  *[Symbol.iterator](): Iterator<T> {
    this.#sort();
    for (let index = this.#returned.length - 1; index >= 0; index--) {
      if (this.#isWaiting(this.#returned[index]!)) yield this.#returned[index]!;
    }
    for (const item of this.#waiting) if (this.#isWaiting(item)) yield item;
  }

  #next(): T | undefined {
    if (this.#returned.length === 0) return this.#waiting.peek();
    this.#sort();
    return this.#returned.at(-1);
  }

  #remove(): void {
    if (this.#returned.length > 0) this.#returned.pop();
    else this.#waiting.shift();
  }

  /** Sorts the items put back, once for all that came since the last sort. */
  #sort(): void {
    const compare = this.#compare;
    if (this.#sorted || compare === undefined) return;
    this.#returned.sort((one, other) => compare(other, one));
    this.#sorted = true;
  }
}
