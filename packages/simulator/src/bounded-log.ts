/** The newest entries of an endless sequence, oldest first: a ring buffer that readers can follow. */
export class BoundedLog<Entry> implements Iterable<Entry>, AsyncIterable<Entry> {
  readonly capacity: number;
  #ring: Entry[] = [];
  /** Where the oldest is, once the ring is full. */
  #start = 0;
  /** How many were ever appended: the place of the next one. */
  #total = 0;
  #closed = false;
  /** Readers that have read everything and wait for more. */
  readonly #waiting = new Set<Reader<Entry>>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** How many there ever were, those that fell out and those that were cleared included. */
  get total(): number {
    return this.#total;
  }

  get length(): number {
    return this.#ring.length;
  }

  /** The entry at this place, 0 being the oldest kept and -1 the newest. */
  at(index: number): Entry | undefined {
    const place = index < 0 ? this.#ring.length + index : index;
    if (place < 0 || place >= this.#ring.length) return undefined;
    return this.#ring[(this.#start + place) % this.#ring.length];
  }

  *[Symbol.iterator](): Iterator<Entry> {
    for (let index = 0; index < this.#ring.length; index++) yield this.at(index)!;
  }

  /**
   * The entries that are kept, then those to come, until the log is closed. Iterators are independent; one that reads more
   * slowly than entries come misses those that fell out of the log.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Entry> {
    return new Reader(this);
  }

  /** Forgets what is kept. */
  clear(): void {
    this.#ring = [];
    this.#start = 0;
  }

  /** For the owner. */
  append(entry: Entry): void {
    this.#total++;
    if (this.#ring.length < this.capacity) {
      this.#ring.push(entry);
    } else if (this.capacity > 0) {
      this.#ring[this.#start] = entry;
      this.#start = (this.#start + 1) % this.capacity;
    }
    if (this.#waiting.size > 0) this.#wake();
  }

  /** For the owner: ends the log; readers end once they have read what is kept. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** For readers. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** For readers: the entry of this number, or the oldest kept if that one has fallen out; and the number after it. */
  read(number: number): { readonly entry: Entry; readonly next: number } | undefined {
    const oldest = this.#total - this.#ring.length;
    const wanted = Math.max(number, oldest);
    return wanted < this.#total ? { entry: this.at(wanted - oldest)!, next: wanted + 1 } : undefined;
  }

  /** For readers: `wake` is to be called once there is more. */
  await(reader: Reader<Entry>): void {
    this.#waiting.add(reader);
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const reader of waiting) reader.wake();
  }
}

const done: IteratorResult<never> = Object.freeze({ done: true, value: undefined });

class Reader<Entry> implements AsyncIterableIterator<Entry> {
  readonly #log: BoundedLog<Entry>;
  #next = 0;
  #ended = false;
  #asked: ((result: IteratorResult<Entry>) => void)[] = [];

  constructor(log: BoundedLog<Entry>) {
    this.#log = log;
  }

  next(): Promise<IteratorResult<Entry>> {
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.wake();
    });
  }

  return(): Promise<IteratorResult<Entry>> {
    this.#ended = true;
    this.wake();
    return Promise.resolve(done);
  }

  wake(): void {
    while (this.#asked.length > 0) {
      const read = this.#ended ? undefined : this.#log.read(this.#next);
      if (read !== undefined) {
        this.#next = read.next;
        this.#asked.shift()!({ done: false, value: read.entry });
      } else if (this.#ended || this.#log.isClosed) {
        this.#asked.shift()!(done);
      } else {
        this.#log.await(this);
        return;
      }
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
