interface Watched<T> {
  readonly items: Set<T>;
  readonly listener: () => void;
}

/**
 * One abort listener per AbortSignal for all items that watch it. A campaign has one signal for thousands of sends; a listener
 * for each would make Node warn above ten, and adding and removing listeners is linear in their number.
 */
export class SignalRegistry<T> {
  readonly #onAbort: (items: readonly T[], signal: AbortSignal) => void;
  readonly #watched = new Map<AbortSignal, Watched<T>>();

  /** @param onAbort called with all items of a signal that fires, after they were removed */
  constructor(onAbort: (items: readonly T[], signal: AbortSignal) => void) {
    this.#onAbort = onAbort;
  }

  /** Watches the signal, which has not fired yet, for the item. Returns a function to call when the item is settled. */
  add(signal: AbortSignal, item: T): () => void {
    const watched = this.#watched.get(signal) ?? this.#watch(signal);
    watched.items.add(item);
    return () => {
      watched.items.delete(item);
      if (watched.items.size === 0 && this.#watched.get(signal) === watched) this.#forget(signal, watched);
    };
  }

  #watch(signal: AbortSignal): Watched<T> {
    const items = new Set<T>();
    const listener = (): void => {
      this.#forget(signal, watched);
      this.#onAbort([...items], signal);
    };
    const watched: Watched<T> = { items, listener };
    this.#watched.set(signal, watched);
    signal.addEventListener("abort", listener, { once: true });
    return watched;
  }

  #forget(signal: AbortSignal, { listener }: Watched<T>): void {
    this.#watched.delete(signal);
    signal.removeEventListener("abort", listener);
  }
}
