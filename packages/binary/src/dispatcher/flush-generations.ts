import type { Outcome } from "@apns/core";

/** Outcomes so far, and what is in flight: the figures that `stats()` reports. */
export interface Tally extends Record<Outcome["kind"], number> {
  inFlight: number;
}

/** The sends between two calls of `flush`: how many of them are not settled. */
export class FlushGeneration {
  readonly number: number;
  #unsettled = 0;
  readonly #tally: Tally;
  readonly #onAllSettled: () => void;

  constructor(number: number, tally: Tally, onAllSettled: () => void) {
    this.number = number;
    this.#tally = tally;
    this.#onAllSettled = onAllSettled;
  }

  get unsettled(): number {
    return this.#unsettled;
  }

  /** A send was made. */
  countSend(): void {
    this.#unsettled++;
    this.#tally.inFlight++;
  }

  /** One of its sends was settled. */
  countOutcome(kind: Outcome["kind"]): void {
    this.#tally[kind]++;
    this.#tally.inFlight--;
    if (--this.#unsettled === 0) this.#onAllSettled();
  }
}

/**
 * Resolves a `flush` once every send made before it is settled. Sends are counted by generation and not listed, so that a
 * flush costs the same for ten sends as for a million.
 */
export class FlushGenerations {
  readonly tally: Tally = { inFlight: 0, accepted: 0, rejected: 0, unsent: 0, unconfirmed: 0 };
  #current: FlushGeneration = this.#begin(0);
  /** Generations that a `flush` has ended and that are not settled, oldest first. */
  #pending: { readonly generation: FlushGeneration; readonly resolve: () => void }[] = [];

  /** The generation of sends made now. */
  get current(): FlushGeneration {
    return this.#current;
  }

  /** The number of the newest generation that a `flush` waits for; -1 if none does. */
  get newestPending(): number {
    return this.#pending.at(-1)?.generation.number ?? -1;
  }

  /** Ends the current generation; resolves once it and all before it are settled. */
  flush(): Promise<void> {
    const generation = this.#current;
    if (this.#pending.length === 0 && generation.unsettled === 0) return Promise.resolve();
    this.#current = this.#begin(generation.number + 1);
    return new Promise((resolve) => this.#pending.push({ generation, resolve }));
  }

  #begin(number: number): FlushGeneration {
    return new FlushGeneration(number, this.tally, () => this.#resolveSettled());
  }

  #resolveSettled(): void {
    while (this.#pending.length > 0 && this.#pending[0]!.generation.unsettled === 0) this.#pending.shift()!.resolve();
  }
}
