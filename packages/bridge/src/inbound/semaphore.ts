/** A connection that waits for a permit. */
export interface Waiter {
  /** A permit may be free; to be asked for again. */
  resume(): void;
}

/**
 * A semaphore over undecided notifications. A connection that gets no permit stops reading its socket: that backpressure
 * carries a slow upstream to the senders and bounds the memory that their frames take.
 */
export class Semaphore {
  readonly #limit: number;
  readonly #parent: Semaphore | undefined;
  #taken = 0;
  /** First come, first served; each waiter stands here once. */
  readonly #waiters = new Set<Waiter>();

  /** @param parent a semaphore of which each permit of this one takes a permit, too */
  constructor(limit: number, parent?: Semaphore) {
    this.#limit = limit;
    this.#parent = parent;
  }

  /** Permits in use. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a permit and returns true; without a free one, `waiter` is resumed once there is one. */
  acquire(waiter: Waiter): boolean {
    if (this.#taken >= this.#limit) {
      this.#waiters.add(waiter);
      return false;
    }
    if (this.#parent?.acquire(waiter) === false) return false;
    this.#taken++;
    return true;
  }

  release(): void {
    this.#taken--;
    this.#parent?.release();
    // A waiter may need no permit any more, or need more than there are and line up again at the end.
    for (const waiter of this.#waiters) {
      if (this.#taken >= this.#limit) return;
      this.#waiters.delete(waiter);
      waiter.resume();
    }
  }
}
