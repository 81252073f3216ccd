import type { Exchange } from "./exchange.js";

/**
 * Which exchanges each signal is to end. A campaign has one signal for thousands of sends: one listener on it, rather
 * than one for each, since Node warns of more than ten.
 */
export class AbortWatch {
  readonly #onAbort: (exchange: Exchange, signal: AbortSignal) => void;
  readonly #watched = new Map<AbortSignal, { readonly exchanges: Set<Exchange>; readonly listener: () => void }>();

  constructor(onAbort: (exchange: Exchange, signal: AbortSignal) => void) {
    this.#onAbort = onAbort;
  }

  /** Ends the exchange when the signal fires. Returns what stops that; to be called when the exchange is settled. */
  add(signal: AbortSignal, exchange: Exchange): () => void {
    const { exchanges } = this.#watched.get(signal) ?? this.#watch(signal);
    exchanges.add(exchange);
    return () => {
      exchanges.delete(exchange);
      if (exchanges.size === 0) this.#forget(signal);
    };
  }

  #watch(signal: AbortSignal): { readonly exchanges: Set<Exchange>; readonly listener: () => void } {
    const exchanges = new Set<Exchange>();
    const listener = (): void => {
      this.#forget(signal);
      for (const exchange of [...exchanges]) this.#onAbort(exchange, signal);
    };
    const watched = { exchanges, listener };
    this.#watched.set(signal, watched);
    signal.addEventListener("abort", listener, { once: true });
    return watched;
  }

  #forget(signal: AbortSignal): void {
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    this.#watched.delete(signal);
    signal.removeEventListener("abort", watched.listener);
  }
}
