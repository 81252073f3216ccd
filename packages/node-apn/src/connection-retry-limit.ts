import type { Http2Transport } from "@apns/http2";

/**
 * Gives up what waits when connecting has failed so many times in a row while no connection is open, as `connectionRetryLimit` says.
 * The next sends begin to count anew.
 */
export class ConnectionRetryLimit {
  readonly #limit: number;
  readonly #transport: Http2Transport;
  #failures = 0;
  #pending = new AbortController();

  constructor(transport: Http2Transport, limit: number) {
    this.#limit = limit;
    this.#transport = transport;
    transport.watchConnections((event) => {
      if (event.type === "opened") this.#failures = 0;
      else if (event.type === "failed") this.#failed(event.cause);
    });
  }

  /** Fires when the sends that have it are given up; its reason is the last error of connecting. */
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
