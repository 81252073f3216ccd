import { type ApnsError, type ConnectionListener, ConnectionListeners, type ResolvedEndpoint } from "@apns/core";
import type { Connection, Ending } from "./connection.js";

interface Told {
  readonly number: number;
  /** Why it takes no more requests; it will end for the same reason. */
  cause?: ApnsError;
}

/** Tells listeners what becomes of connections, and keeps their numbers. */
export class ConnectionReporter {
  readonly #listeners = new ConnectionListeners();
  readonly #endpoint: string;
  readonly #told = new WeakMap<Connection, Told>();
  #count = 0;

  constructor({ host, port }: ResolvedEndpoint) {
    this.#endpoint = `${host}:${port}`;
  }

  watch(listener: ConnectionListener): () => void {
    return this.#listeners.add(listener);
  }

  opened(connection: Connection): void {
    const number = ++this.#count;
    this.#told.set(connection, { number });
    this.#listeners.emit({ type: "opened", connection: number, endpoint: this.#endpoint });
  }

  failed(cause: ApnsError): void {
    this.#listeners.emit({ type: "failed", connection: ++this.#count, endpoint: this.#endpoint, cause });
  }

  draining(connection: Connection, { cause, reason }: Ending): void {
    const told = this.#told.get(connection);
    if (told === undefined) return;
    told.cause = cause;
    const event = { type: "draining", connection: told.number, endpoint: this.#endpoint, cause } as const;
    this.#listeners.emit(reason === undefined ? event : { ...event, reason });
  }

  closed(connection: Connection): void {
    const told = this.#told.get(connection);
    if (told === undefined) return;
    const event = { type: "closed", connection: told.number, endpoint: this.#endpoint } as const;
    this.#listeners.emit(told.cause === undefined ? event : { ...event, cause: told.cause });
  }
}
