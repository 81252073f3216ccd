import type { StreamTable } from "../streams/stream-table.js";
import type { ConnectionHandler } from "./handler.js";

/**
 * ```
 *  open ───GOAWAY sent or received──▶ draining ───last stream ended──▶ drained
 *    │                                   │                                │
 *    └───────────────────────────────────┴────────────────────────────────┴──▶ closed
 *                                 connection error, or end of the transport connection
 * ```
 */
export type ConnectionState = "open" | "draining" | "drained" | "closed";

/** The state of a connection. It never goes back. */
export class Lifecycle {
  #state: ConnectionState = "open";
  readonly #streams: StreamTable;
  readonly #handler: ConnectionHandler;

  constructor(streams: StreamTable, handler: ConnectionHandler) {
    this.#streams = streams;
    this.#handler = handler;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** GOAWAY was sent or received. */
  drain(): void {
    if (this.#state === "open") this.#state = "draining";
  }

  /** Reports the end of draining, once. To be called after a stream has ended. */
  checkDrained(): void {
    if (this.#state !== "draining" || this.#streams.count > 0) return;
    this.#state = "drained";
    this.#handler.onDrained?.();
  }

  close(): void {
    this.#state = "closed";
  }
}
