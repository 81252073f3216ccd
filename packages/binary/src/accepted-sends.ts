import type { PendingSend, SpareSends } from "./pending-send.js";

/**
 * How many are told so in one turn of the event loop. A whole window of 10,000 at once kept the sockets waiting while callers
 * made the next sends: in parts it is 1.3 times as fast, through `sendAll` 1.15 (the contenders of `bench binary`, with and without
 * in turn, medians of six rounds).
 */
const perTurn = 500;

/** Sends that are known to be accepted and not all told so yet, oldest first. */
export class AcceptedSends {
  readonly #spares: SpareSends;
  readonly #lists: (readonly PendingSend[])[] = [];
  /** How many of the first list have been told. */
  #told = 0;
  #scheduled = false;

  constructor(spares: SpareSends) {
    this.#spares = spares;
  }

  /** Nothing else may know these sends any more. */
  tell(sends: readonly PendingSend[]): void {
    // What the caller may still give up must not become unconfirmed when more is known.
    for (const send of sends) if (send.extras !== undefined) send.accept();
    this.#lists.push(sends);
    if (!this.#scheduled) this.#tellSome();
  }

  /** Tells all of them now. */
  tellAll(): void {
    this.#tellUpTo(Number.POSITIVE_INFINITY);
  }

  readonly #tellSome = (): void => {
    this.#scheduled = false;
    this.#tellUpTo(perTurn);
    if (this.#lists.length === 0) return;
    this.#scheduled = true;
    setImmediate(this.#tellSome);
  };

  /** Over as many lists as that takes: small windows, which end oftener than once a turn, must not pile up. */
  #tellUpTo(most: number): void {
    let left = most;
    while (left > 0 && this.#lists.length > 0) {
      const sends = this.#lists[0]!;
      const end = Math.min(sends.length, this.#told + left);
      left -= end - this.#told;
      while (this.#told < end) {
        const send = sends[this.#told++]!;
        send.accept();
        this.#spares.giveBack(send);
      }
      if (end < sends.length) return;
      this.#lists.shift();
      this.#told = 0;
    }
  }
}
