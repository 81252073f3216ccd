import { ConnectionRetryLimit } from "@apns/core/internal";
import { type ConnectionEvent, Http2Transport } from "@apns/http2";
import type { ResolvedProviderOptions } from "./transport-options.js";

/** A transport and the calls that use it, from the first of them to `shutdown`. */
export class Client {
  readonly transport: Http2Transport;
  readonly #retryLimit: ConnectionRetryLimit;
  readonly #calls = new Set<Promise<unknown>>();

  /** @throws {InvalidArgumentError} naming the option that is wrong */
  constructor(options: ResolvedProviderOptions, onConnectionEvent: (event: ConnectionEvent) => void) {
    this.transport = new Http2Transport(options.transport);
    this.#retryLimit = new ConnectionRetryLimit(this.transport, options.connectionRetryLimit);
    this.transport.watchConnections(onConnectionEvent);
  }

  /** Fires when what waits is given up, since no connection can be made. */
  get signal(): AbortSignal {
    return this.#retryLimit.signal;
  }

  /** Makes a call that `close` waits for. */
  run<Result>(call: () => Promise<Result>): Promise<Result> {
    const running = call();
    const ended: Promise<unknown> = running.catch(() => {}).then(() => this.#calls.delete(ended));
    this.#calls.add(ended);
    return running;
  }

  /** Lets all calls end, however much they still have to send, then closes the connections. */
  async close(): Promise<void> {
    await Promise.all(this.#calls);
    await this.transport.close();
  }
}
