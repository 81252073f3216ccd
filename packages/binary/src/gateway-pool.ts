// Which connections there are, and which of them writes what. Nothing of the protocol is decided here, only what
// becomes of sends after a session has said what it knows.
import { ApnsError } from "@apns/core";
import { ConnectionListeners, SendQueue } from "@apns/core/internal";
import { ConnectError, TlsSessionCache } from "@apns/net";
import { AcceptedSends } from "./accepted-sends.js";
import { Connection, type ConnectionOwner } from "./connection.js";
import type { ConnectionEnded } from "./connection-ended.js";
import type { Epochs } from "./epochs.js";
import type { ResolvedBinaryTransportOptions } from "./options.js";
import { type PendingSend, SpareSends } from "./pending-send.js";
import { RefusalBackOff } from "./refusal-back-off.js";
import { RefusalRate } from "./refusal-rate.js";
import type { Settlement } from "./session.js";
import { SlabPool } from "./slab-pool.js";

/** Connections that may wait for their barrier's answer at a time, for each that writes: usually, and at most. */
const drainingPerConnection = 3;
const maxDrainingPerConnection = 8;
/** Connections that may be kept in reserve, for each that writes, while the gateway refuses one notification after another. */
const maxReservePerConnection = 16;
/** A connection that ends so soon, in milliseconds, without having proved anything, came to nothing. */
const fruitlessWithinMs = 10_000;
/** A gateway that closes so soon, in milliseconds, and without a word does not like the certificate. */
const closedAtOnceMs = 1000;

/** Between attempts to connect that come to nothing. */
const reconnectBackOff = { baseMs: 250, maxMs: 30_000 };

/** Figures about connections; counters only grow. */
export interface PoolFigures {
  connectionsOpened: number;
  connectFailures: number;
  resent: number;
  bytesWritten: number;
  bytesRead: number;
  barriersAnswered: number;
  barriersUnanswered: number;
  errorResponses: number;
}

/** What a connection event says besides which connection it is about. */
type ConnectionHappening =
  | { readonly type: "opened" | "draining" | "closed" }
  | { readonly type: "failed" | "closed"; readonly cause: ApnsError };

export class GatewayPool implements ConnectionOwner {
  readonly queue: SendQueue<PendingSend> = new SendQueue({ isWaiting: ({ state }) => state === "waiting" });
  readonly spares: SpareSends = new SpareSends();
  readonly slabs: SlabPool = new SlabPool();
  readonly figures: PoolFigures = {
    connectionsOpened: 0,
    connectFailures: 0,
    resent: 0,
    bytesWritten: 0,
    bytesRead: 0,
    barriersAnswered: 0,
    barriersUnanswered: 0,
    errorResponses: 0,
  };
  readonly tlsSessions: TlsSessionCache = new TlsSessionCache();
  readonly listeners: ConnectionListeners = new ConnectionListeners();
  readonly #options: ResolvedBinaryTransportOptions;
  readonly #epochs: Epochs;
  readonly #accepted = new AcceptedSends(this.spares);
  readonly #backOff: RefusalBackOff;
  readonly #refusals = new RefusalRate();
  /** Connecting, or taking sends, oldest first. */
  #active: Connection[] = [];
  /** Waiting for the answer to their barrier. */
  readonly #draining = new Set<Connection>();
  #scheduled = false;
  #closed = false;
  #proven = false;
  #connectAt = 0;
  #lastFailure: ApnsError | undefined;
  #sockets = 0;
  #onSocketsClosed: (() => void) | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  #wanted: { resolve: () => void; reject: (error: ApnsError) => void }[] = [];

  constructor(options: ResolvedBinaryTransportOptions, epochs: Epochs) {
    this.#options = options;
    this.#epochs = epochs;
    this.#backOff = new RefusalBackOff(reconnectBackOff);
  }

  get proven(): boolean {
    return this.#proven;
  }

  /** Why there is no connection, if the last attempts came to nothing. */
  get failure(): ApnsError | undefined {
    return this.#backOff.failures > 0 ? this.#lastFailure : undefined;
  }

  get connectionsOpen(): number {
    return this.#active.filter((connection) => connection.isOpen).length + this.#draining.size;
  }

  /** Everything written that has no verdict yet. */
  *written(): Generator<PendingSend> {
    for (const connection of this.#all()) yield* connection.session.entries();
  }

  /** Resolves once all sockets are closed. */
  socketsClosed(): Promise<void> {
    if (this.#sockets === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onSocketsClosed = resolve;
    });
  }

  /** Resolves once a connection is open; rejects when the attempts are given up. */
  connect(): Promise<void> {
    if (this.#active.some(({ readyAt }) => readyAt > 0)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#wanted.push({ resolve, reject });
      this.schedule();
    });
  }

  /** Has everything that can be written written in the next turn of the event loop, right after it has read. */
  readonly schedule = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#pump);
  };

  /** Ends all connections; whatever is on them is settled as lost, with this cause. */
  destroy(cause: ApnsError): void {
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.#accepted.tellAll();
    const closed = new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "connect: the transport was closed.");
    for (const { reject } of this.#wanted.splice(0)) reject(closed);
    for (const connection of this.#all()) {
      if (connection.session.outstanding > 0) {
        connection.destroy(cause);
        continue;
      }
      connection.end();
      if (connection.readyAt > 0) this.#tell(connection, { type: "closed", cause });
    }
    this.#active = [];
    this.#draining.clear();
    // Last, because a connection that ends may have put something back.
    for (const send of this.queue.drain()) send.giveUp(cause);
  }

  // What connections tell.

  socketOpened(): void {
    this.#sockets++;
  }

  socketClosed(): void {
    if (--this.#sockets === 0) this.#onSocketsClosed?.();
  }

  wrote(bytes: number): void {
    this.figures.bytesWritten += bytes;
  }

  read(bytes: number): void {
    this.figures.bytesRead += bytes;
  }

  opened(connection: Connection): void {
    this.#tell(connection, { type: "opened" });
  }

  writable(connection: Connection): void {
    if (connection.readyAt > 0 && this.#wanted.length > 0) {
      for (const { resolve } of this.#wanted.splice(0)) resolve();
    }
    this.schedule();
  }

  silent(sends: readonly PendingSend[]): void {
    const { silenceMs } = this.#options;
    const message = `The gateway said nothing for ${silenceMs} ms, which proves nothing; confirm: "barrier" asks it.`;
    const cause = new ApnsError("ERR_APNS_SILENCE", message);
    for (const send of sends) send.giveUp(cause);
    this.schedule();
  }

  idled(connection: Connection): void {
    this.#remove(connection);
    const cause = new ApnsError("ERR_APNS_CONNECTION_LOST", "Closed by this side: it was idle.");
    this.#report("idle", undefined, cause);
    this.#tell(connection, { type: "closed", cause });
  }

  connectFailed(connection: Connection, error: ApnsError): void {
    this.#remove(connection);
    this.figures.connectFailures++;
    this.#report("connectFailed", undefined, error);
    this.#tell(connection, { type: "failed", cause: error });
    this.#failed(error);
  }

  settled(connection: Connection, settlement: Settlement<PendingSend>): void {
    this.#remove(connection);
    this.figures.resent += connection.resent;
    const { ending, accepted, rejected, unprocessed, unknown, response, cause } = settlement;
    this.#accepted.tell(accepted);
    // Verdicts are told in the order of their sends, and what is not settled must not wait long.
    if (ending !== "confirmed") this.#accepted.tellAll();
    if (rejected !== undefined) rejected.reject(response!.statusCode);
    this.#putBack(unprocessed);
    this.#settleUnknown(unknown, cause);
    if (ending === "confirmed") this.figures.barriersAnswered++;
    else if (ending === "unanswered") this.figures.barriersUnanswered++;
    else if (response !== undefined) this.figures.errorResponses++;
    this.#report(ending, settlement, cause);
    if (ending === "confirmed") this.#tell(connection, { type: "closed" });
    else this.#tell(connection, { type: connection.readyAt === 0 ? "failed" : "closed", cause });
    this.#judge(connection, settlement);
    this.schedule();
  }

  #settleUnknown(sends: readonly PendingSend[], cause: ApnsError): void {
    if (!this.#options.resendUnconfirmed) {
      for (const send of sends) send.giveUp(cause);
      return;
    }
    for (const send of sends) send.doubtful = true;
    this.#putBack(sends);
  }

  #putBack(sends: readonly PendingSend[]): void {
    const unsettled = sends.filter(({ state }) => state !== "settled");
    for (const send of unsettled) send.state = "waiting";
    this.queue.putBack(unsettled);
  }

  /** What the end of a connection means for the next one. */
  #judge(connection: Connection, { ending, accepted, rejected, cause }: Settlement<PendingSend>): void {
    if (accepted.length > 0 || rejected !== undefined) this.#refusals.ended(accepted.length, rejected !== undefined);
    if (accepted.length > 0 || ending === "confirmed") {
      this.#backOff.succeeded();
      this.#prove();
    } else if (rejected !== undefined) {
      this.#prove();
      this.#backOff.refused();
      this.#connectAt = performance.now() + this.#backOff.delayMs;
    } else {
      const livedMs = connection.readyAt === 0 ? 0 : performance.now() - connection.readyAt;
      if (livedMs >= fruitlessWithinMs) return;
      this.#proven = false;
      this.#failed(ending === "lost" && livedMs < closedAtOnceMs ? this.#closedAtOnce(cause) : cause);
    }
  }

  #prove(): void {
    this.#proven = true;
    for (const connection of this.#active) connection.endSettling();
  }

  #closedAtOnce(cause: ApnsError): ApnsError {
    const { host, port } = this.#options.endpoint;
    return new ApnsError(
      "ERR_APNS_CONNECT_FAILED",
      `${host}:${port} took the connection and closed it at once, without a word. A gateway does that with a ` +
        "certificate of the other environment, or one it does not take: check environment and certificate.",
      { cause },
    );
  }

  /** A connection came to nothing. After too many in a row, or one that will not get better, nobody is kept waiting. */
  #failed(error: ApnsError): void {
    this.#lastFailure = error;
    this.#backOff.failed();
    this.#connectAt = performance.now() + this.#backOff.delayMs;
    const hopeless =
      (error instanceof ConnectError && !error.retryable) || this.#backOff.failures >= this.#options.maxConnectFailures;
    if (hopeless && this.connectionsOpen === 0) {
      for (const { reject } of this.#wanted.splice(0)) reject(error);
      for (const send of this.queue.drain()) send.giveUp(error);
    }
    this.schedule();
  }

  #report(ending: ConnectionEnded["ending"], settlement: Settlement<PendingSend> | undefined, error: ApnsError): void {
    const { onConnectionEnded } = this.#options;
    if (onConnectionEnded === undefined) return;
    const event: ConnectionEnded = {
      ending,
      statusCode: settlement?.response?.statusCode,
      identifier: settlement?.response?.identifier,
      accepted: settlement?.accepted.length ?? 0,
      rejected: settlement?.rejected === undefined ? 0 : 1,
      unprocessed: settlement?.unprocessed.length ?? 0,
      unknown: settlement?.unknown.length ?? 0,
      error,
    };
    // Apart from what goes on here: a callback that throws must not leave a send unsettled.
    queueMicrotask(() => onConnectionEnded(event));
  }

  #tell(connection: Connection, what: ConnectionHappening): void {
    if (!this.listeners.any) return;
    const { host, port } = this.#options.endpoint;
    this.listeners.emit({ ...what, connection: connection.number, endpoint: `${host}:${port}` });
  }

  // Writing.

  readonly #pump = (): void => {
    this.#scheduled = false;
    if (this.#closed) return;
    const now = performance.now();
    this.#fill(now);
    this.#open(now);
    // What could not be written now is written when a connection says that it is writable again.
  };

  #fill(now: number): void {
    const { maxConnections, confirm } = this.#options;
    const awaited = confirm === "barrier" ? this.#epochs.awaited : -1;
    const window = this.#window();
    const maxDraining = this.#maxDraining();
    let writers = 0;
    for (const connection of [...this.#active]) {
      if (!connection.isOpen) continue;
      // Successors wait until they are needed.
      if (++writers > maxConnections && connection.session.total === 0) break;
      if (!connection.canWrite) continue;
      if (this.#draining.size >= maxDraining) break;
      if (window !== undefined) connection.session.limit(window);
      connection.fill(this.queue, now, awaited);
      if (connection.session.state !== "draining") continue;
      this.#drain(connection);
      writers--;
    }
  }

  /** How many notifications a connection should take; `undefined` if verdicts are not asked for. */
  #window(): number | undefined {
    const { confirm, reconnectEvery } = this.#options;
    return confirm === "barrier" ? this.#refusals.window(reconnectEvery) : undefined;
  }

  /** More while connections are refused early, because each carries little then. */
  #maxDraining(): number {
    const wanted = Math.max(drainingPerConnection, Math.ceil(this.#refusals.recent));
    return this.#options.maxConnections * Math.min(wanted, maxDrainingPerConnection);
  }

  #drain(connection: Connection): void {
    this.#active = this.#active.filter((other) => other !== connection);
    this.#draining.add(connection);
    this.#tell(connection, { type: "draining" });
  }

  // Opening.

  /** Opens connections if there is something to do for them, and the last did not fail just now. */
  #open(now: number): void {
    while (this.#needsConnection()) {
      if (now < this.#connectAt) {
        clearTimeout(this.#connectTimer);
        this.#connectTimer = setTimeout(this.schedule, Math.ceil(this.#connectAt - now));
        return;
      }
      this.figures.connectionsOpened++;
      this.#active.push(new Connection(this.#options, this, this.figures.connectionsOpened));
    }
  }

  #needsConnection(): boolean {
    const { maxConnections } = this.#options;
    const aging = this.#active.filter((connection) => connection.isAging).length;
    const fresh = this.#active.length - aging;
    // The successor is opened before its predecessor asks for its verdict, so that sending does not wait for either.
    if (fresh < Math.min(aging, maxConnections)) return true;
    if (this.#active.filter(({ session }) => session.total === 0).length < this.#reserve()) return true;
    if (this.queue.peek() === undefined && this.#wanted.length === 0) return false;
    if (this.#active.length === 0) return true;
    return this.#active.length < maxConnections && this.#active.every((one) => one.isOpen && !one.canWrite);
  }

  /**
   * How many connections to keep that nothing was sent on yet. Opening one takes three or four times as long as a
   * refusal, so that those who get several refusals need several. None while connections come to nothing.
   */
  #reserve(): number {
    const { recent } = this.#refusals;
    if (recent === 0 || this.#backOff.delayMs > 0) return 0;
    const { maxConnections, reconnectEvery } = this.#options;
    const waiting = Math.ceil(this.queue.size / this.#refusals.window(reconnectEvery));
    const isBusy = this.#draining.size > 0 || this.#active.some(({ session }) => session.outstanding > 0);
    if (waiting === 0 && !isBusy) return 0;
    return maxConnections * Math.min(Math.max(1, waiting), Math.ceil(2 * recent), maxReservePerConnection);
  }

  #remove(connection: Connection): void {
    this.#draining.delete(connection);
    this.#active = this.#active.filter((other) => other !== connection);
  }

  *#all(): Generator<Connection> {
    yield* [...this.#draining, ...this.#active];
  }
}
