import type { PendingSend } from "./pending-send.js";

/** So many places of sends that were given up are kept, or as many as there are others. */
const maxIdlePlaces = 1024;

/**
 * Sends that wait to be written, first come first served; those put back return to the front, in their order.
 *
 * A send that is given up while it waits stays in its place and is passed over when its turn comes, or until such places
 * are the most of all.
 */
export class SendQueue {
  #waiting: PendingSend[] = [];
  #head = 0;
  /** Put back, the next to go last. */
  #returned: PendingSend[] = [];

  /** Given up, and still in their places. */
  #givenUp = 0;

  /** How many wait. */
  get size(): number {
    return this.#places - this.#givenUp;
  }

  get #places(): number {
    return this.#waiting.length - this.#head + this.#returned.length;
  }

  /** To be told of each send that is given up while it waits here. */
  gaveUp(): void {
    this.#givenUp++;
    if (this.#givenUp <= Math.max(maxIdlePlaces, this.size)) return;
    const waits = ({ state }: PendingSend): boolean => state !== "settled";
    this.#returned = this.#returned.filter(waits);
    this.#waiting = this.#waiting.slice(this.#head).filter(waits);
    this.#head = 0;
    this.#givenUp = 0;
  }

  add(send: PendingSend): void {
    this.#waiting.push(send);
  }

  /** Puts sends back to the front, the first of them first. */
  putBack(sends: readonly PendingSend[]): void {
    for (let index = sends.length - 1; index >= 0; index--) {
      const send = sends[index]!;
      if (send.state === "settled") continue;
      send.state = "waiting";
      this.#returned.push(send);
    }
  }

  /** The next send to go, without taking it. */
  peek(): PendingSend | undefined {
    for (;;) {
      const send = this.#returned.length > 0 ? this.#returned.at(-1) : this.#waiting[this.#head];
      if (send === undefined || send.state !== "settled") return send;
      this.take();
      this.#givenUp--;
    }
  }

  /** Takes what `peek` returned. */
  take(): void {
    if (this.#returned.length > 0) {
      this.#returned.pop();
      return;
    }
    this.#head++;
    // Cut rarely, so that taking from the front does not move everything behind it each time.
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    } else if (this.#head >= 4096 && this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }

  *[Symbol.iterator](): Iterator<PendingSend> {
    for (let index = this.#returned.length - 1; index >= 0; index--) yield this.#returned[index]!;
    for (let index = this.#head; index < this.#waiting.length; index++) yield this.#waiting[index]!;
  }

  /** Empties the queue and returns what was in it, in order. */
  drain(): PendingSend[] {
    const all = [...this];
    this.#waiting = [];
    this.#head = 0;
    this.#returned = [];
    this.#givenUp = 0;
    return all;
  }
}
