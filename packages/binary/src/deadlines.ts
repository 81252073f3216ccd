import type { PendingSend } from "./pending-send.js";

/**
 * One timer for the deadlines of all sends. It fires at the earliest deadline it was told of, looks at everything that is
 * unsettled then, and sets itself to the earliest of the rest: with equal timeouts that is one look per timeout, however
 * many sends there are.
 */
export class Deadlines {
  #earliest = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  readonly #unsettled: () => Iterable<PendingSend>;
  readonly #overdue: (send: PendingSend) => void;

  constructor(unsettled: () => Iterable<PendingSend>, overdue: (send: PendingSend) => void) {
    this.#unsettled = unsettled;
    this.#overdue = overdue;
  }

  watch(deadlineAt: number): void {
    if (deadlineAt >= this.#earliest) return;
    this.#earliest = deadlineAt;
    clearTimeout(this.#timer);
    // While anything is unsettled, a socket or a timer of the pool keeps the process alive.
    this.#timer = setTimeout(this.#passed, Math.max(1, Math.ceil(deadlineAt - performance.now()))).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Behind what the sockets have to say: a process that was busy must not take its own delay for the gateway's. */
  readonly #passed = (): void => {
    setImmediate(this.#look);
  };

  readonly #look = (): void => {
    const now = performance.now();
    this.#earliest = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    // First all are looked at: giving up moves the places of others.
    const overdue: PendingSend[] = [];
    for (const send of this.#unsettled()) {
      if (send.state === "settled") continue;
      if (send.deadlineAt <= now) overdue.push(send);
      else if (send.deadlineAt < next) next = send.deadlineAt;
    }
    for (const send of overdue) this.#overdue(send);
    if (next !== Number.POSITIVE_INFINITY) this.watch(next);
  };
}
