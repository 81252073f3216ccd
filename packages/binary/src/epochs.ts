import type { Outcome } from "@apns/core";

/** Outcomes so far, and what is in flight: the figures that `stats()` reports. */
export interface Tally extends Record<Outcome["kind"], number> {
  inFlight: number;
}

/** The sends between two calls of `flush`. */
export class Epoch {
  readonly number: number;
  #unsettled = 0;
  readonly #tally: Tally;
  readonly #onEmpty: () => void;

  constructor(number: number, tally: Tally, onEmpty: () => void) {
    this.number = number;
    this.#tally = tally;
    this.#onEmpty = onEmpty;
  }

  get unsettled(): number {
    return this.#unsettled;
  }

  /** To be told of each send. */
  added(): void {
    this.#unsettled++;
    this.#tally.inFlight++;
  }

  /** To be told of each outcome. */
  settled(kind: Outcome["kind"]): void {
    this.#tally[kind]++;
    this.#tally.inFlight--;
    if (--this.#unsettled === 0) this.#onEmpty();
  }
}

/**
 * Tells when everything that was sent before a call of `flush` is settled. Sends are counted by epoch and not listed, so
 * that asking costs the same for ten as for a million.
 */
export class Epochs {
  readonly tally: Tally = { inFlight: 0, accepted: 0, rejected: 0, unsent: 0, unconfirmed: 0 };
  #current: Epoch = this.#begin(0);
  /** Epochs that are over, oldest first, up to those that are settled. */
  #over: { readonly epoch: Epoch; readonly resolve: () => void }[] = [];

  /** The epoch of sends made now. */
  get current(): Epoch {
    return this.#current;
  }

  /** The newest epoch that somebody waits for; -1 if nobody does. */
  get awaited(): number {
    return this.#over.at(-1)?.epoch.number ?? -1;
  }

  /** Ends the current epoch; resolves once it and all before it are settled. */
  flush(): Promise<void> {
    const epoch = this.#current;
    if (this.#over.length === 0 && epoch.unsettled === 0) return Promise.resolve();
    this.#current = this.#begin(epoch.number + 1);
    return new Promise((resolve) => this.#over.push({ epoch, resolve }));
  }

  #begin(number: number): Epoch {
    return new Epoch(number, this.tally, () => this.#settleOver());
  }

  #settleOver(): void {
    while (this.#over.length > 0 && this.#over[0]!.epoch.unsettled === 0) this.#over.shift()!.resolve();
  }
}
