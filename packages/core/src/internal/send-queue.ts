import { Fifo } from "./fifo.js";

/** Places of items that wait no more are cleared once there are so many of them, and more than of the others. */
const maxIdlePlaces = 1024;

export interface SendQueueOptions<T> {
  /** Whether an item that was added still waits: false once it was given up. */
  readonly isWaiting: (item: T) => boolean;
  /** Sorts what is put back, as `Array.sort` does. @default the order in which it is put back */
  readonly compare?: (one: T, other: T) => number;
}

/**
 * Items that wait to be written, first come first served; those put back go before the others.
 *
 * An item that is given up keeps its place and is passed over when its turn comes, or until such places are the most, so that
 * giving up costs next to nothing. `left` is to be called for it; `size` does not count it.
 */
export class SendQueue<T> {
  readonly #isWaiting: (item: T) => boolean;
  readonly #compare: ((one: T, other: T) => number) | undefined;
  readonly #waiting = new Fifo<T>();
  /** Put back: the next to go is the last, once it is sorted. */
  #returned: T[] = [];
  #sorted = true;
  /** Places of items that wait no more. */
  #idlePlaces = 0;

  constructor({ isWaiting, compare }: SendQueueOptions<T>) {
    this.#isWaiting = isWaiting;
    this.#compare = compare;
  }

  /** How many wait. */
  get size(): number {
    return this.places - this.#idlePlaces;
  }

  /** How many places are kept, those of items that wait no more included. */
  get places(): number {
    return this.#waiting.size + this.#returned.length;
  }

  add(item: T): void {
    this.#waiting.push(item);
  }

  /** Puts items back to the front, the first of them first. */
  putBack(items: readonly T[]): void {
    for (let index = items.length - 1; index >= 0; index--) this.#returned.push(items[index]!);
    this.#sorted = this.#compare === undefined;
  }

  /** The next item to go, left where it is. */
  peek(): T | undefined {
    for (;;) {
      const item = this.#next();
      if (item === undefined || this.#isWaiting(item)) return item;
      this.#remove();
      this.#idlePlaces--;
    }
  }

  /** The next item to go, taken out. */
  take(): T | undefined {
    const item = this.peek();
    if (item !== undefined) this.#remove();
    return item;
  }

  /** One of the items waits no more. */
  left(): void {
    this.#idlePlaces++;
    if (this.#idlePlaces <= Math.max(maxIdlePlaces, this.size)) return;
    this.#waiting.filter(this.#isWaiting);
    this.#returned = this.#returned.filter(this.#isWaiting);
    this.#idlePlaces = 0;
  }

  /** Takes out everything that waits, in order. */
  drain(): T[] {
    const all = [...this];
    this.#waiting.clear();
    this.#returned = [];
    this.#idlePlaces = 0;
    return all;
  }

  /** What waits, in order. */
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

  /** Once for all that was put back since it was last sorted. */
  #sort(): void {
    const compare = this.#compare;
    if (this.#sorted || compare === undefined) return;
    this.#returned.sort((one, other) => compare(other, one));
    this.#sorted = true;
  }
}
