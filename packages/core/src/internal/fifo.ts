/** Items taken from the front before the array behind is cut: rarely enough that cutting costs next to nothing per item. */
const cutAfter = 1024;

/** First in, first out, at constant cost: taking from a long array's front would move everything behind it. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest, left where it is. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** The oldest, taken out; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head === this.#items.length || this.#head >= cutAfter) this.#cut();
    return item;
  }

  /** The oldest `count` items, taken out, oldest first. */
  take(count: number): T[] {
    // All of them is the usual case: no copy of ten thousand.
    if (this.#head === 0 && count >= this.#items.length) return this.clear();
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    this.#cut();
    return taken;
  }

  /** Keeps only the items that pass. */
  filter(keep: (item: T) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter(keep);
    this.#head = 0;
  }

  /** Takes everything out. */
  clear(): T[] {
    const all = this.#head === 0 ? this.#items : this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return all;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#head; index < this.#items.length; index++) yield this.#items[index]!;
  }

  #cut(): void {
    if (this.#head * 2 < this.#items.length) return;
    this.#items = this.#head === this.#items.length ? [] : this.#items.slice(this.#head);
    this.#head = 0;
  }
}
