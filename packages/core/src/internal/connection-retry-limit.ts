import type { Transport } from "../transport.js";

/**
 * Gives up what waits when connecting has failed so many times in a row while no connection is open. The next sends begin to count anew.
 * For callers that would rather have an error soon than a notification sent later.
 */
export class ConnectionRetryLimit {
  readonly #limit: number;
  readonly #transport: Transport;
  #failures = 0;
  #pending = new AbortController();

  constructor(transport: Transport, limit: number) {
    this.#limit = limit;
    this.#transport = transport;
    transport.watchConnections?.((event) => {
      if (event.type === "opened") this.#failures = 0;
      else if (event.type === "failed") this.#failed(event.cause);
    });
  }

  /** For the sends that are made now: fires when they are given up, and its reason is the last error of connecting. */
  get signal(): AbortSignal {
    return this.#pending.signal;
  }

  #failed(cause: Error): void {
    if (++this.#failures < this.#limit || this.#transport.stats().connectionsOpen > 0) return;
    const given = this.#pending;
    this.#failures = 0;
    this.#pending = new AbortController();
    given.abort(cause);
  }
}
