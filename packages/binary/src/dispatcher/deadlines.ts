import type { PendingSend } from "../pending-send.js";

/**
 * One timer for the deadlines of all sends. It fires at the earliest deadline, walks all unsettled sends, gives up those that
 * are overdue, and is set to the earliest deadline of the rest: with equal timeouts that is one walk per timeout, however many
 * sends there are.
 */
export class Deadlines {
  #earliest = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  readonly #unsettled: () => Iterable<PendingSend>;
  readonly #onOverdue: (send: PendingSend) => void;

  constructor(unsettled: () => Iterable<PendingSend>, onOverdue: (send: PendingSend) => void) {
    this.#unsettled = unsettled;
    this.#onOverdue = onOverdue;
  }

  watch(deadlineAt: number): void {
    if (deadlineAt >= this.#earliest) return;
    this.#earliest = deadlineAt;
    clearTimeout(this.#timer);
    // While anything is unsettled, a socket or a timer of the dispatcher keeps the process alive.
    this.#timer = setTimeout(this.#onTimer, Math.max(1, Math.ceil(deadlineAt - performance.now()))).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Sockets are read first: a process that was busy must not take its own delay for the gateway's. */
  readonly #onTimer = (): void => {
    setImmediate(this.#giveUpOverdue);
  };

  readonly #giveUpOverdue = (): void => {
    const now = performance.now();
    this.#earliest = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    // Collected before any is given up, which changes the lists that are walked.
    const overdue: PendingSend[] = [];
    for (const send of this.#unsettled()) {
      if (send.state === "settled") continue;
      if (send.deadlineAt <= now) overdue.push(send);
      else if (send.deadlineAt < next) next = send.deadlineAt;
    }
    for (const send of overdue) this.#onOverdue(send);
    if (next !== Number.POSITIVE_INFINITY) this.watch(next);
  };
}
