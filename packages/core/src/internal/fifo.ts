/** The array is compacted after this many items were taken, which amortises the copy. */
const compactAfter = 1024;

/** A first-in, first-out queue with constant cost per item; `Array.shift` of a long array moves all other items. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest item, without removing it. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Removes and returns the oldest item; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head === this.#items.length || this.#head >= compactAfter) this.#compact();
    return item;
  }

  /** Removes and returns the oldest `count` items, oldest first. */
  take(count: number): T[] {
    // The usual case is all of them, which needs no copy.
    if (this.#head === 0 && count >= this.#items.length) return this.clear();
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    this.#compact();
    return taken;
  }

  /** Removes the items for which `keep` returns false. */
  filter(keep: (item: T) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter(keep);
    this.#head = 0;
  }

  /** Removes and returns all items. */
  clear(): T[] {
    const all = this.#head === 0 ? this.#items : this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return all;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#head; index < this.#items.length; index++) yield this.#items[index]!;
  }

  #compact(): void {
    if (this.#head * 2 < this.#items.length) return;
    this.#items = this.#head === this.#items.length ? [] : this.#items.slice(this.#head);
    this.#head = 0;
  }
}
