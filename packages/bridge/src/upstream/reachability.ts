import type { ConnectionEvent, Transport } from "@apns/core";

/** Whether upstream answers, as far as is known. */
type State =
  | { readonly kind: "reachable" }
  /** No connection is open, and the last attempt failed. */
  | { readonly kind: "unreachable"; readonly sinceMs: number };

export interface ReachabilityEvents {
  /** Told once, until upstream is reached again. */
  readonly onUnreachable: (problem: string) => void;
  /** @param afterMs how long upstream was unreachable, in milliseconds */
  readonly onReachable: (afterMs: number) => void;
}

/**
 * Tells operators within seconds that upstream is away, while notifications still wait for their deadline: by the events of
 * connections, where the transport has them, and by outcomes.
 */
export class Reachability {
  readonly #events: ReachabilityEvents;
  #state: State = { kind: "reachable" };
  #open = 0;
  #watched: { readonly transport: Transport; readonly stop: (() => void) | undefined } | undefined;

  constructor(events: ReachabilityEvents) {
    this.#events = events;
  }

  get isReachable(): boolean {
    return this.#state.kind === "reachable";
  }

  /** Whether a connection is known to be open. */
  get hasConnection(): boolean {
    return this.#open > 0;
  }

  /** Watches the connections of this transport, and no other's any longer. */
  watch(transport: Transport): void {
    if (this.#watched?.transport === transport) return;
    this.stop();
    this.#watched = { transport, stop: transport.watchConnections?.((event) => this.#onConnection(event)) };
  }

  stop(): void {
    this.#watched?.stop?.();
    this.#watched = undefined;
    this.#open = 0;
  }

  /** Upstream has answered. */
  answered(): void {
    if (this.#state.kind === "reachable") return;
    const afterMs = Math.round(performance.now() - this.#state.sinceMs);
    this.#state = { kind: "reachable" };
    this.#events.onReachable(afterMs);
  }

  /** A notification could not be sent in time, or a connection could not be opened. */
  failed(problem: string): void {
    if (this.#open > 0 || this.#state.kind === "unreachable") return;
    this.#state = { kind: "unreachable", sinceMs: performance.now() };
    this.#events.onUnreachable(problem);
  }

  #onConnection(event: ConnectionEvent): void {
    if (event.type === "opened") {
      this.#open++;
      this.answered();
    } else if (event.type === "closed") {
      this.#open = Math.max(0, this.#open - 1);
    } else if (event.type === "failed") {
      this.failed(event.cause.message);
    }
  }
}
