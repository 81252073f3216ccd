import type { Timers } from "./timers.js";

/** Tells when nothing has happened on a connection for so long. */
export class IdleWatch {
  readonly #timers: Timers;
  readonly #ms: number;
  readonly #onIdle: () => void;
  #callOff: () => void;

  /** Begins at once. */
  constructor(timers: Timers, ms: number, onIdle: () => void) {
    this.#timers = timers;
    this.#ms = ms;
    this.#onIdle = onIdle;
    this.#callOff = timers.after(ms, onIdle);
  }

  /** Something happened: the time begins anew. */
  restart(): void {
    this.#callOff();
    this.#callOff = this.#timers.after(this.#ms, this.#onIdle);
  }

  stop(): void {
    this.#callOff();
  }
}
