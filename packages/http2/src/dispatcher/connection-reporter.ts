import type { ApnsError, ConnectionListener, ResolvedEndpoint } from "@apns/core";
import { ConnectionListeners } from "@apns/core/internal";
import type { Ending } from "../connection/ending.js";

interface Reported {
  readonly number: number;
  /** Why the connection takes no more requests; it will end for the same reason. */
  cause?: ApnsError;
}

/** Tells listeners what becomes of connections, and numbers them. */
export class ConnectionReporter {
  readonly #listeners = new ConnectionListeners();
  readonly #endpoint: string;
  readonly #reported = new WeakMap<object, Reported>();
  #count = 0;

  constructor({ host, port }: ResolvedEndpoint) {
    this.#endpoint = `${host}:${port}`;
  }

  watch(listener: ConnectionListener): () => void {
    return this.#listeners.add(listener);
  }

  opened(connection: object): void {
    const number = ++this.#count;
    this.#reported.set(connection, { number });
    this.#listeners.emit({ type: "opened", connection: number, endpoint: this.#endpoint });
  }

  failed(cause: ApnsError): void {
    this.#listeners.emit({ type: "failed", connection: ++this.#count, endpoint: this.#endpoint, cause });
  }

  draining(connection: object, { cause, reason }: Ending): void {
    const reported = this.#reported.get(connection);
    if (reported === undefined) return;
    reported.cause = cause;
    const event = { type: "draining", connection: reported.number, endpoint: this.#endpoint, cause } as const;
    this.#listeners.emit(reason === undefined ? event : { ...event, reason });
  }

  closed(connection: object): void {
    const reported = this.#reported.get(connection);
    if (reported === undefined) return;
    const event = { type: "closed", connection: reported.number, endpoint: this.#endpoint } as const;
    this.#listeners.emit(reported.cause === undefined ? event : { ...event, cause: reported.cause });
  }
}
