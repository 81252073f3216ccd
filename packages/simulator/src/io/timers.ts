/** Timers that end with their owner, so that closing a simulator leaves nothing that could still fire. */
export class Timers {
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  /** Calls back after so many milliseconds, unless the owner is closed by then. Returns how to call it off. */
  after(ms: number, callback: () => void): () => void {
    if (this.#closed) return () => {};
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
