import type { ConnectionEvent, ConnectionListener } from "../connection-event.js";

/** The listeners of a transport's connections. */
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
