// Queues sends, opens connections, and lets those with room write. What an answer proves is decided by the session; here its
// settlement becomes outcomes, resends, and the pace of the next connections.
import { ApnsError } from "@apns/core";
import { ConnectionListeners, runCallbackSoon, SendQueue } from "@apns/core/internal";
import {
  AddressSpread,
  ConnectError,
  certificateSentence,
  hostAndPort,
  readOwnCertificate,
  TlsSessionCache,
} from "@apns/net";
import { Connection, type ConnectionOwner } from "../connection/connection.js";
import type { ConnectionEnded } from "../connection/connection-ended.js";
import type { Settlement } from "../connection/session.js";
import { SlabPool } from "../connection/slab-pool.js";
import type { ResolvedBinaryTransportOptions } from "../options.js";
import { type PendingSend, PendingSendPool } from "../pending-send.js";
import type { FlushGenerations } from "./flush-generations.js";
import { RefusalBackOff } from "./refusal-back-off.js";
import { RefusalRate } from "./refusal-rate.js";
import { SettleQueue } from "./settle-queue.js";

/** Connections that may wait for their barrier's answer at a time, for each that writes: usually, and at most. */
const drainingPerConnection = 3;
const maxDrainingPerConnection = 8;
/** Connections that may be kept in reserve, for each that writes, while the gateway refuses one notification after another. */
const maxReservePerConnection = 16;
/** A connection that proved nothing counts as a failed attempt if it ends within so many milliseconds. */
const failedWithinMs = 10_000;
/** A gateway that closes within so many milliseconds, without an error response, has probably refused the certificate. */
const closedAtOnceMs = 1000;

/** Between failed attempts to connect. */
const reconnectBackOff = { baseMs: 250, maxMs: 30_000 };

/** Figures about connections; counters only grow. */
export interface ConnectionFigures {
  connectionsOpened: number;
  connectFailures: number;
  resent: number;
  bytesWritten: number;
  bytesRead: number;
  barriersAnswered: number;
  barriersUnanswered: number;
  errorResponses: number;
}

/** A connection event without the fields that name the connection. */
type ConnectionEventDetails =
  | { readonly type: "opened" | "draining" | "closed" }
  | { readonly type: "failed" | "closed"; readonly cause: ApnsError };

export class Dispatcher implements ConnectionOwner {
  readonly queue: SendQueue<PendingSend> = new SendQueue({ isWaiting: ({ state }) => state === "waiting" });
  readonly sendPool: PendingSendPool = new PendingSendPool();
  readonly slabs: SlabPool = new SlabPool();
  readonly figures: ConnectionFigures = {
    connectionsOpened: 0,
    connectFailures: 0,
    resent: 0,
    bytesWritten: 0,
    bytesRead: 0,
    barriersAnswered: 0,
    barriersUnanswered: 0,
    errorResponses: 0,
  };
  readonly addresses: AddressSpread = new AddressSpread();
  readonly tlsSessions: TlsSessionCache = new TlsSessionCache();
  readonly listeners: ConnectionListeners = new ConnectionListeners();
  readonly #options: ResolvedBinaryTransportOptions;
  readonly #generations: FlushGenerations;
  readonly #settleQueue = new SettleQueue(this.sendPool);
  readonly #backOff: RefusalBackOff;
  readonly #refusals = new RefusalRate();
  /** Connections that are connecting or take sends, oldest first. */
  #active: Connection[] = [];
  /** Connections that wait for the answer to their barrier. */
  readonly #draining = new Set<Connection>();
  #isPumpScheduled = false;
  #isClosed = false;
  #isProven = false;
  /** No connection is opened before this. */
  #connectNotBefore = 0;
  #lastFailure: ApnsError | undefined;
  #sockets = 0;
  #onSocketsClosed: (() => void) | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  #connectWaiters: { resolve: () => void; reject: (error: ApnsError) => void }[] = [];

  constructor(options: ResolvedBinaryTransportOptions, generations: FlushGenerations) {
    this.#options = options;
    this.#generations = generations;
    this.#backOff = new RefusalBackOff(reconnectBackOff);
  }

  get isProven(): boolean {
    return this.#isProven;
  }

  /** Why the last attempt to connect failed; `undefined` after a success. */
  get lastFailureToConnect(): ApnsError | undefined {
    return this.#backOff.failures > 0 ? this.#lastFailure : undefined;
  }

  get connectionsOpen(): number {
    return this.#active.filter((connection) => connection.isOpen).length + this.#draining.size;
  }

  /** All sends that are written and have no verdict yet. */
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
      this.#connectWaiters.push({ resolve, reject });
      this.schedule();
    });
  }

  /** Writes what can be written, in the next turn of the event loop, behind its reads. */
  readonly schedule = (): void => {
    if (this.#isPumpScheduled) return;
    this.#isPumpScheduled = true;
    setImmediate(this.#pump);
  };

  /** Ends all connections; whatever is on them is settled as lost, with this cause. */
  destroy(cause: ApnsError): void {
    this.#isClosed = true;
    clearTimeout(this.#connectTimer);
    this.#settleQueue.settleAll();
    const closed = new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "connect: the transport was closed.");
    for (const { reject } of this.#connectWaiters.splice(0)) reject(closed);
    for (const connection of this.#all()) {
      if (connection.session.outstanding > 0) {
        connection.destroy(cause);
        continue;
      }
      connection.end();
      if (connection.readyAt > 0) this.#emit(connection, { type: "closed", cause });
    }
    this.#active = [];
    this.#draining.clear();
    // Last, because a connection that ends may have put something back.
    for (const send of this.queue.drain()) send.giveUp(cause);
  }

  // Events of connections.

  onSocketOpened(): void {
    this.#sockets++;
  }

  onSocketClosed(): void {
    if (--this.#sockets === 0) this.#onSocketsClosed?.();
  }

  onWritten(bytes: number): void {
    this.figures.bytesWritten += bytes;
  }

  onRead(bytes: number): void {
    this.figures.bytesRead += bytes;
  }

  onOpened(connection: Connection): void {
    this.#emit(connection, { type: "opened" });
  }

  onWritable(connection: Connection): void {
    if (connection.readyAt > 0 && this.#connectWaiters.length > 0) {
      for (const { resolve } of this.#connectWaiters.splice(0)) resolve();
    }
    this.schedule();
  }

  onSilence(sends: readonly PendingSend[]): void {
    const { silenceMs } = this.#options;
    const message = `The gateway said nothing for ${silenceMs} ms, which proves nothing; confirm: "barrier" asks it.`;
    const cause = new ApnsError("ERR_APNS_SILENCE", message);
    for (const send of sends) send.giveUp(cause);
    this.schedule();
  }

  onIdleClosed(connection: Connection): void {
    this.#remove(connection);
    const cause = new ApnsError("ERR_APNS_CONNECTION_LOST", "Closed by this side: it was idle.");
    this.#reportEnding("idle", undefined, cause);
    this.#emit(connection, { type: "closed", cause });
  }

  onConnectFailed(connection: Connection, error: ApnsError): void {
    this.#remove(connection);
    this.figures.connectFailures++;
    this.#reportEnding("connectFailed", undefined, error);
    this.#emit(connection, { type: "failed", cause: error });
    this.#connectAttemptFailed(error);
  }

  onSettled(connection: Connection, settlement: Settlement<PendingSend>): void {
    this.#remove(connection);
    this.figures.resent += connection.resent;
    const { ending, accepted, rejected, unprocessed, unknown, response, cause } = settlement;
    this.#settleQueue.add(accepted);
    // Outcomes resolve in the order of the sends, and none waits behind a batch when something went wrong.
    if (ending !== "confirmed") this.#settleQueue.settleAll();
    if (rejected !== undefined) rejected.reject(response!.statusCode);
    this.#putBack(unprocessed);
    this.#settleUnknown(unknown, cause);
    if (ending === "confirmed") this.figures.barriersAnswered++;
    else if (ending === "unanswered") this.figures.barriersUnanswered++;
    else if (response !== undefined) this.figures.errorResponses++;
    this.#reportEnding(ending, settlement, cause);
    if (ending === "confirmed") this.#emit(connection, { type: "closed" });
    else this.#emit(connection, { type: connection.readyAt === 0 ? "failed" : "closed", cause });
    this.#updateBackOff(connection, settlement);
    this.schedule();
  }

  #settleUnknown(sends: readonly PendingSend[], cause: ApnsError): void {
    if (!this.#options.resendUnconfirmed) {
      for (const send of sends) send.giveUp(cause);
      return;
    }
    for (const send of sends) send.mayBeAccepted = true;
    this.#putBack(sends);
  }

  #putBack(sends: readonly PendingSend[]): void {
    const unsettled = sends.filter(({ state }) => state !== "settled");
    for (const send of unsettled) send.state = "waiting";
    this.queue.putBack(unsettled);
  }

  /** Sets the pace of the next connections by how this one ended. */
  #updateBackOff(connection: Connection, { ending, accepted, rejected, cause }: Settlement<PendingSend>): void {
    if (accepted.length > 0 || rejected !== undefined)
      this.#refusals.countConnection(accepted.length, rejected !== undefined);
    if (accepted.length > 0 || ending === "confirmed") {
      this.#backOff.succeeded();
      this.#prove();
    } else if (rejected !== undefined) {
      this.#prove();
      this.#backOff.refused();
      this.#connectNotBefore = performance.now() + this.#backOff.delayMs;
    } else {
      const livedMs = connection.readyAt === 0 ? 0 : performance.now() - connection.readyAt;
      if (livedMs >= failedWithinMs) return;
      this.#isProven = false;
      this.#connectAttemptFailed(ending === "lost" && livedMs < closedAtOnceMs ? this.#closedAtOnce(cause) : cause);
    }
  }

  #prove(): void {
    this.#isProven = true;
    for (const connection of this.#active) connection.endSettling();
  }

  #closedAtOnce(cause: ApnsError): ApnsError {
    const { endpoint, secureContext } = this.#options;
    const certificate = readOwnCertificate(secureContext);
    const itsUse = certificate === undefined ? "" : ` ${certificateSentence(certificate)}`;
    return new ApnsError(
      "ERR_APNS_CONNECT_FAILED",
      `${hostAndPort(endpoint)} took the connection and closed it at once, without a word. A gateway does that with a ` +
        `certificate of the other environment, or one it does not take: check environment and certificate.${itsUse}`,
      { cause },
    );
  }

  /** An attempt to connect failed. After too many in a row, or one that will not get better, everything that waits is given up. */
  #connectAttemptFailed(error: ApnsError): void {
    this.#lastFailure = error;
    this.#backOff.failed();
    this.#connectNotBefore = performance.now() + this.#backOff.delayMs;
    const isFinal =
      (error instanceof ConnectError && !error.retryable) || this.#backOff.failures >= this.#options.maxConnectFailures;
    if (isFinal && this.connectionsOpen === 0) {
      for (const { reject } of this.#connectWaiters.splice(0)) reject(error);
      for (const send of this.queue.drain()) send.giveUp(error);
    }
    this.schedule();
  }

  #reportEnding(
    ending: ConnectionEnded["ending"],
    settlement: Settlement<PendingSend> | undefined,
    error: ApnsError,
  ): void {
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
    runCallbackSoon("onConnectionEnded", () => onConnectionEnded(event));
  }

  #emit(connection: Connection, details: ConnectionEventDetails): void {
    if (!this.listeners.any) return;
    const { host, port } = this.#options.endpoint;
    this.listeners.emit({ ...details, connection: connection.number, endpoint: `${host}:${port}` });
  }

  // Writing.

  readonly #pump = (): void => {
    this.#isPumpScheduled = false;
    if (this.#isClosed) return;
    const now = performance.now();
    this.#fill(now);
    this.#open(now);
    // The rest is written at the next `onWritable`.
  };

  #fill(now: number): void {
    const { maxConnections, confirm } = this.#options;
    const flushGeneration = confirm === "barrier" ? this.#generations.newestPending : -1;
    const window = this.#window();
    const maxDraining = this.#maxDraining();
    let writers = 0;
    for (const connection of [...this.#active]) {
      if (!connection.isOpen) continue;
      // A successor is not used before its predecessors are full.
      if (++writers > maxConnections && connection.session.total === 0) break;
      if (!connection.canWrite) continue;
      if (this.#draining.size >= maxDraining) break;
      if (window !== undefined) connection.session.setCapacity(window);
      connection.fill(this.queue, now, flushGeneration);
      if (connection.session.state !== "draining") continue;
      this.#drain(connection);
      writers--;
    }
  }

  /** How many notifications a connection should take before its barrier; `undefined` without barriers. */
  #window(): number | undefined {
    const { confirm, reconnectEvery } = this.#options;
    return confirm === "barrier" ? this.#refusals.window(reconnectEvery) : undefined;
  }

  /** How many connections may wait for a barrier's answer: more while refusals end connections early, since each carries little then. */
  #maxDraining(): number {
    const wanted = Math.max(drainingPerConnection, Math.ceil(this.#refusals.recentRefusals));
    return this.#options.maxConnections * Math.min(wanted, maxDrainingPerConnection);
  }

  #drain(connection: Connection): void {
    this.#active = this.#active.filter((other) => other !== connection);
    this.#draining.add(connection);
    this.#emit(connection, { type: "draining" });
  }

  // Opening.

  /** Opens the connections that are needed, as soon as the back-off allows. */
  #open(now: number): void {
    while (this.#needsConnection()) {
      if (now < this.#connectNotBefore) {
        clearTimeout(this.#connectTimer);
        this.#connectTimer = setTimeout(this.schedule, Math.ceil(this.#connectNotBefore - now));
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
    // The successor is opened before its predecessor writes its barrier, so that sending does not wait for a handshake.
    if (fresh < Math.min(aging, maxConnections)) return true;
    if (this.#active.filter(({ session }) => session.total === 0).length < this.#reserve()) return true;
    if (this.queue.peek() === undefined && this.#connectWaiters.length === 0) return false;
    if (this.#active.length === 0) return true;
    return this.#active.length < maxConnections && this.#active.every((one) => one.isOpen && !one.canWrite);
  }

  /**
   * How many unused connections to keep. Opening one takes three or four times as long as a refusal, so a run of refusals
   * needs several. None while attempts to connect fail.
   */
  #reserve(): number {
    const { recentRefusals } = this.#refusals;
    if (recentRefusals === 0 || this.#backOff.delayMs > 0) return 0;
    const { maxConnections, reconnectEvery } = this.#options;
    const waiting = Math.ceil(this.queue.size / this.#refusals.window(reconnectEvery));
    const isBusy = this.#draining.size > 0 || this.#active.some(({ session }) => session.outstanding > 0);
    if (waiting === 0 && !isBusy) return 0;
    return maxConnections * Math.min(Math.max(1, waiting), Math.ceil(2 * recentRefusals), maxReservePerConnection);
  }

  #remove(connection: Connection): void {
    this.#draining.delete(connection);
    this.#active = this.#active.filter((other) => other !== connection);
  }

  *#all(): Generator<Connection> {
    yield* [...this.#draining, ...this.#active];
  }
}
