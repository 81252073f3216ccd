import type { PendingSend } from "./pending-send.js";

/**
 * Sends that wait for a stream, first come first served; those put back return to the place they had.
 *
 * A send that is given up while it waits stays in its place until its turn comes and is passed over then, so that
 * giving up costs nothing; `size` does not count it.
 */
export class SendQueue {
  /** Put back; the first to go is the last in the array, once it is sorted. */
  readonly #returned: PendingSend[] = [];
  #returnedSorted = true;
  #sequence = 0;
  #waiting: PendingSend[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(send: PendingSend): void {
    send.queued = true;
    send.sequence = this.#sequence++;
    this.#size++;
    this.#waiting.push(send);
  }

  putBack(send: PendingSend): void {
    send.queued = true;
    this.#size++;
    this.#returned.push(send);
    this.#returnedSorted = false;
  }

  take(): PendingSend | undefined {
    for (;;) {
      const send = this.#takeReturned() ?? this.#takeWaiting();
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

  #takeReturned(): PendingSend | undefined {
    // Streams of a dying connection fail in any order; sorting when they are taken costs once for all of them.
    if (!this.#returnedSorted) this.#returned.sort((a, b) => b.sequence - a.sequence);
    this.#returnedSorted = true;
    return this.#returned.pop();
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
