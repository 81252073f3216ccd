import type { ApnsError } from "@apns/core";
import type { Connection as Http2Connection } from "../connection/connection.js";
import type { Request } from "./request.js";

type Connection = Http2Connection<Request>;

/** Figures of all connections, those of the past included where they only grow. */
export interface PoolFigures {
  readonly connectionsOpen: number;
  readonly streamsOpen: number;
  /** Over the connections that take more. */
  readonly streamsAllowed: number;
  readonly bytesWritten: number;
  readonly bytesRead: number;
}

/** How many connections that do not respond are kept beside those that do. */
const maxUnresponsive = 3;

/** Which connections there are, which of them take new streams, and which is the one for the next. */
export class ConnectionPool implements Iterable<Connection> {
  /** Those that take new streams. */
  #usable: Connection[] = [];
  /** Every open one, draining ones included. */
  readonly #open = new Set<Connection>();
  /** Usable ones that are to be replaced, and why: they serve until their successor is there. */
  readonly #outgoing = new Map<Connection, ApnsError>();
  /** Of connections that are closed by now. */
  #pastBytesWritten = 0;
  #pastBytesRead = 0;

  /** How many take new streams. */
  get usable(): number {
    return this.#usable.length;
  }

  /** How many are open, draining ones included. */
  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  add(connection: Connection): void {
    this.#open.add(connection);
    this.#usable.push(connection);
  }

  /** Marks a usable one for replacement; false if it is not usable, or marked already. */
  replaceLater(connection: Connection, cause: ApnsError): boolean {
    if (this.#outgoing.has(connection) || !this.#usable.includes(connection)) return false;
    this.#outgoing.set(connection, cause);
    return true;
  }

  /** Whether any is marked for replacement. */
  get hasOutgoing(): boolean {
    return this.#outgoing.size > 0;
  }

  /** Those marked for replacement, with the reasons; none is marked afterwards. */
  takeOutgoing(): [Connection, ApnsError][] {
    const outgoing = [...this.#outgoing];
    this.#outgoing.clear();
    return outgoing;
  }

  /** It takes no more requests. Returns whether it did so far. */
  drop(connection: Connection): boolean {
    this.#outgoing.delete(connection);
    if (!this.#usable.includes(connection)) return false;
    this.#usable = this.#usable.filter((other) => other !== connection);
    return true;
  }

  /** It is closed. Returns whether it was here. */
  remove(connection: Connection): boolean {
    if (!this.#open.delete(connection)) return false;
    this.#pastBytesWritten += connection.bytesWritten;
    this.#pastBytesRead += connection.bytesRead;
    return true;
  }

  /** The connection with the most free streams, if any has one. */
  leastLoaded(): Connection | undefined {
    const connections = this.#usable;
    // One connection is the usual case, and this runs for every push.
    if (connections.length === 1) return connections[0]!.freeStreams > 0 ? connections[0] : undefined;
    let best: Connection | undefined;
    let most = 0;
    for (const connection of connections) {
      const free = connection.freeStreams;
      if (free <= most) continue;
      most = free;
      best = connection;
    }
    return best;
  }

  /**
   * Whether another connection would help: there is none, or all are at the peer's limit and there may be more. Those that
   * do not respond do not count, so that one of them holds nobody up; a few of them at the most are kept beside the others.
   */
  needsAnother(maxConnections: number, now: number): boolean {
    const connections = this.#usable;
    if (connections.length >= maxConnections + maxUnresponsive) return false;
    const responsive = connections.filter((connection) => connection.isResponsive(now));
    return responsive.length < maxConnections && responsive.every(({ isAtLimit }) => isAtLimit);
  }

  /** Takes out one that has been idle for long; the last one is kept, since APNs dislikes reconnecting. */
  takeIdle(now: number, idleTimeoutMs: number): Connection | undefined {
    if (this.#usable.length < 2) return undefined;
    const idle = this.#usable.find(
      ({ openStreams, idleSince }) => openStreams === 0 && now - idleSince >= idleTimeoutMs,
    );
    if (idle !== undefined) this.drop(idle);
    return idle;
  }

  figures(): PoolFigures {
    let bytesWritten = this.#pastBytesWritten;
    let bytesRead = this.#pastBytesRead;
    let streamsOpen = 0;
    for (const connection of this.#open) {
      bytesWritten += connection.bytesWritten;
      bytesRead += connection.bytesRead;
      streamsOpen += connection.openStreams;
    }
    const streamsAllowed = this.#usable.reduce((sum, connection) => sum + connection.allowedStreams, 0);
    return { connectionsOpen: this.#open.size, streamsOpen, streamsAllowed, bytesWritten, bytesRead };
  }
}
