import type { Timers } from "./timers.js";

/** Calls back once nothing has happened on a connection for so long. */
export class IdleWatch {
  readonly #timers: Timers;
  readonly #idleTimeoutMs: number;
  readonly #onIdle: () => void;
  #cancel: () => void;

  /** The time runs from here on. */
  constructor(timers: Timers, idleTimeoutMs: number, onIdle: () => void) {
    this.#timers = timers;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#onIdle = onIdle;
    this.#cancel = timers.after(idleTimeoutMs, onIdle);
  }

  /** Something happened: the time runs from here on. */
  restart(): void {
    this.#cancel();
    this.#cancel = this.#timers.after(this.#idleTimeoutMs, this.#onIdle);
  }

  stop(): void {
    this.#cancel();
  }
}
