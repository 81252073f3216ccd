// What transports tell of their connections: to operators, not to those who wait for outcomes.
import type { ApnsError } from "./errors.js";

interface ConnectionEventBase {
  /** Counts up from 1 within a transport, one for each attempt. */
  readonly connection: number;
  /** Where to, as `host:port`. */
  readonly endpoint: string;
}

/**
 * Something happened to a connection:
 * - `opened`: notifications may go out on it;
 * - `failed`: it never was one; `cause` says at which step (DNS, TCP, TLS, …);
 * - `draining`: it takes no more notifications and settles those it has; `cause` says why, and `reason` what APNs said in
 *   a GOAWAY, if it did;
 * - `closed`: it is gone; `cause` says why if it did not end as planned.
 */
export type ConnectionEvent = ConnectionEventBase &
  (
    | { readonly type: "opened" }
    | { readonly type: "failed"; readonly cause: ApnsError }
    | { readonly type: "draining"; readonly cause?: ApnsError; readonly reason?: string }
    | { readonly type: "closed"; readonly cause?: ApnsError }
  );

export type ConnectionListener = (event: ConnectionEvent) => void;

/** Who listens to the connections of a transport. For those who write transports. */
export class ConnectionListeners {
  readonly #listeners = new Set<{ readonly listener: ConnectionListener }>();

  /** Whether an event would be heard. */
  get any(): boolean {
    return this.#listeners.size > 0;
  }

  /** @returns takes the listener off again */
  add(listener: ConnectionListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Tells all, apart from what goes on now: a listener that throws leaves no send unsettled. */
  emit(event: ConnectionEvent): void {
    for (const { listener } of this.#listeners) queueMicrotask(() => listener(event));
  }
}
