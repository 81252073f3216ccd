import type { ConnectionEvent, ConnectionListener } from "../connection-event.js";
import { runCallbackSoon } from "./callback.js";

/** The listeners of `watchConnections`. */
export class ConnectionListeners {
  readonly #listeners = new Set<{ readonly listener: ConnectionListener }>();

  /** Whether there is a listener. */
  get any(): boolean {
    return this.#listeners.size > 0;
  }

  /** @returns a function that removes the listener */
  add(listener: ConnectionListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Calls each listener in a microtask of its own: one that throws affects no send, and its error is a warning. */
  emit(event: ConnectionEvent): void {
    for (const { listener } of this.#listeners)
      runCallbackSoon("A listener of watchConnections", () => listener(event));
  }
}
