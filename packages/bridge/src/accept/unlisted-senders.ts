import type { TLSSocket } from "node:tls";
import type { Listener } from "./listener.js";
import type { Peer } from "./peer.js";

/** A connection whose sender no entry of `senders` matches. */
export interface UnlistedConnection {
  readonly socket: TLSSocket;
  readonly peer: Peer;
  readonly listener: Listener;
  /** Its row of the report. */
  readonly row: { waiting: number };
}

export interface HoldLimits {
  /** Connections held at a time. */
  readonly maxUnlisted: number;
  /** How long one is held, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/**
 * Connections of unlisted senders that are held until the operator lists them. Nothing is read of them: what they send waits in
 * the buffers of the operating system, and the sender is slowed when these are full (backpressure).
 */
export class UnlistedSenders {
  readonly #held = new Set<UnlistedConnection>();

  get size(): number {
    return this.#held.size;
  }

  /** Returns false, and does nothing, if as many as allowed are held. */
  hold(connection: UnlistedConnection, limits: HoldLimits): boolean {
    if (this.#held.size >= limits.maxUnlisted) return false;
    const { socket, listener, row } = connection;
    this.#held.add(connection);
    row.waiting++;
    socket.pause();
    socket.setTimeout(limits.idleTimeoutMs, () => {
      if (this.#held.has(connection)) listener.refuse(socket);
    });
    socket.once("close", () => this.#release(connection));
    return true;
  }

  /** Takes out the connections that are to be served now. */
  take(isListed: (connection: UnlistedConnection) => boolean): UnlistedConnection[] {
    const listed = [...this.#held].filter(isListed);
    for (const connection of listed) {
      this.#release(connection);
      connection.socket.setTimeout(0);
    }
    return listed;
  }

  refuseAll(): void {
    for (const { listener, socket } of [...this.#held]) listener.refuse(socket);
  }

  #release(connection: UnlistedConnection): void {
    if (this.#held.delete(connection)) connection.row.waiting--;
  }
}
