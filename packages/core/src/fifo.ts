/** First in, first out, at constant cost: taking from a long array's front would copy it. */
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
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head++];
    this.#forgetTaken();
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.slice(this.#head).values();
  }

  /** Drops what was taken, rarely enough that copying the rest costs next to nothing per item. */
  #forgetTaken(): void {
    if (this.size === 0) this.#items = [];
    else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) this.#items = this.#items.slice(this.#head);
    else return;
    this.#head = 0;
  }
}
