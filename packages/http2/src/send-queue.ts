import type { PendingSend } from "./pending-send.js";

/**
 * Sends that wait for a stream, first come first served; those put back go before those that never left.
 *
 * A send that is given up while it waits stays in its place until its turn comes and is passed over then, so that
 * giving up costs nothing; `size` does not count it.
 */
export class SendQueue {
  readonly #returned: PendingSend[] = [];
  #waiting: PendingSend[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(send: PendingSend): void {
    send.queued = true;
    this.#size++;
    this.#waiting.push(send);
  }

  putBack(send: PendingSend): void {
    send.queued = true;
    this.#size++;
    this.#returned.push(send);
  }

  take(): PendingSend | undefined {
    for (;;) {
      const send = this.#returned.shift() ?? this.#takeWaiting();
      if (send === undefined || send.queued) {
        this.drop(send);
        return send;
      }
    }
  }

  /** Forgets a send that is given up; one that does not wait is left alone. */
  drop(send: PendingSend | undefined): void {
    if (send?.queued !== true) return;
    send.queued = false;
    this.#size--;
  }

  #takeWaiting(): PendingSend | undefined {
    const send = this.#waiting[this.#head++];
    // Cut rarely, so that taking from the front does not move everything behind it each time.
    if (this.#head >= 1024 && this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    if (send === undefined) {
      this.#waiting = [];
      this.#head = 0;
    }
    return send;
  }
}
