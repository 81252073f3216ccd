import type { SecureContext } from "node:tls";
import type { ApnsError, ConnectionListener, ResolvedEndpoint } from "@apns/core";
import { AddressSpread, type ConnectError, type ProxyAddress, TlsSessionCache } from "@apns/net";
import { connectionRetired, refusesEverything, transportClosed } from "../causes.js";
import { connect } from "../connection/connect.js";
import type { ConnectionEvents, Connection as Http2Connection } from "../connection/connection.js";
import type { Ending } from "../connection/ending.js";
import { ConnectionPool, type PoolFigures } from "./connection-pool.js";
import { ConnectionReporter } from "./connection-reporter.js";
import { Connector, type ConnectorEvents } from "./connector.js";
import type { Request } from "./request.js";
import { evidenceOf } from "./retry-policy.js";

type Connection = Http2Connection<Request>;

export interface ConnectionSupplyOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly secureContext: SecureContext;
  /** False takes any server for the right one. */
  readonly verifyServer: boolean;
  readonly proxy: ProxyAddress | undefined;
  readonly connectTimeoutMs: number;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  readonly pingAfterMs: number;
  readonly pingTimeoutMs: number;
  readonly idlePingMs: number;
  /** The longest body of an answer. */
  readonly maxBodyBytes: number;
  /** The probable cause of a GOAWAY with this reason. */
  readonly explain: (reason: string) => string | undefined;
  /** Identifier of the first stream of a connection; high to try what happens when they run out. @default 1 */
  readonly firstStreamId?: number;
}

export interface SupplyFigures extends PoolFigures {
  readonly connectionsOpened: number;
  /** Connections opened after the first one was: replacements and growth. */
  readonly reconnects: number;
}

/** Who uses the connections. */
export interface SupplyUser extends ConnectionEvents<Request> {
  /** Whether anything is unsettled, so that a connection is wanted. */
  readonly hasWork: boolean;
  /** A connection was added. */
  onSupplied(): void;
  /** There is no connection; `isFinal` if every further attempt would fail, too. */
  onUnsupplied(error: ApnsError, isFinal: boolean): void;
}

/**
 * A connection that failed a request is replaced at most so often, in milliseconds: its successor may be no better, and
 * APNs treats quick reconnecting as an attack.
 */
const replaceEveryMs = 5_000;

/** A connection that has served so many requests and ends in order is followed by the next at once. */
const worthwhileAnswers = 100;

/** A connection that answers, if only by refusals, is used on when its successor would have to wait longer than that. */
const patienceMs = 1_000;

/** Sees to it that there are connections: makes, judges, replaces and retires them. */
export class ConnectionSupply implements ConnectorEvents {
  readonly #options: ConnectionSupplyOptions;
  readonly #user: SupplyUser;
  readonly #connector: Connector;
  readonly #pool = new ConnectionPool();
  readonly #reporter: ConnectionReporter;
  #connectWaiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #lastError: ApnsError | undefined;
  #opened = 0;
  /** No connection is replaced for having failed a request before this. */
  #nextReplacementAt = 0;
  #ref = true;
  #onDisconnected: (() => void) | undefined;

  /** @param provesItself whether the first answer on a connection must show that the credentials work */
  constructor(options: ConnectionSupplyOptions, provesItself: boolean, user: SupplyUser) {
    this.#options = options;
    this.#user = user;
    this.#reporter = new ConnectionReporter(options.endpoint);
    const addresses = new AddressSpread();
    const sessions = new TlsSessionCache();
    const connection = { ...options, provesItself };
    this.#connector = new Connector((signal) => connect({ ...options, connection, addresses, sessions }, signal), this);
  }

  /** All that are open, draining ones included. */
  get connections(): Iterable<Connection> {
    return this.#pool;
  }

  /** How many are open, draining ones included. */
  get size(): number {
    return this.#pool.size;
  }

  /** What connections met last; undefined after a success. */
  get lastError(): ApnsError | undefined {
    return this.#lastError;
  }

  figures(): SupplyFigures {
    return {
      ...this.#pool.figures(),
      connectionsOpened: this.#opened,
      reconnects: Math.max(0, this.#opened - 1),
    };
  }

  /** @returns takes the listener off again */
  watch(listener: ConnectionListener): () => void {
    return this.#reporter.watch(listener);
  }

  /** The connection for the next request, if any has room. */
  leastLoaded(): Connection | undefined {
    return this.#pool.leastLoaded();
  }

  /** Opens a connection unless one is open. @throws {ConnectError} after one attempt */
  connect(): Promise<void> {
    if (this.#pool.usable > 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#connectWaiters.push({ resolve, reject });
      this.#connector.connectNow();
    });
  }

  /** Requests wait: makes another connection if the present ones cannot take them. */
  grow(now: number): void {
    if (this.#pool.needsAnother(this.#options.maxConnections, now)) this.#connector.connectSoon();
  }

  /** Nothing waits for a connection any more. */
  cancelScheduled(): void {
    this.#connector.cancelScheduled();
  }

  /** Connections that nobody could look after are asked before they are used. @param wasFrozen all of them */
  verify(now: number, wasFrozen: boolean): void {
    for (const connection of this.#pool) {
      if (wasFrozen) connection.verify(now);
      else connection.verifyIfStale(now);
    }
  }

  /** Looks after what only time can show. */
  tick(now: number): void {
    for (const connection of this.#pool) connection.tick(now);
    const idle = this.#pool.takeIdle(now, this.#options.idleTimeoutMs);
    idle?.retire(connectionRetired("The connection was idle and not needed any more."));
  }

  /** Whether the sockets keep the process alive. */
  setRef(ref: boolean): void {
    this.#ref = ref;
    for (const connection of this.#pool) connection.setRef(ref);
  }

  /** Ends all connections; resolves once their sockets are closed. */
  async close(): Promise<void> {
    this.#connector.stop();
    this.#rejectConnectWaiters(transportClosed("The transport was closed while it connected."));
    for (const connection of this.#pool) connection.close(transportClosed("The transport was closed."));
    if (this.#pool.size > 0) await new Promise<void>((resolve) => (this.#onDisconnected = resolve));
  }

  // What the connector tells

  onConnected(connection: Connection): void {
    this.#opened++;
    const outgoing = this.#pool.takeOutgoing();
    this.#pool.add(connection);
    connection.setRef(this.#ref);
    this.#reporter.opened(connection);
    this.#lastError = undefined;
    for (const { resolve } of this.#connectWaiters.splice(0)) resolve();
    connection.attach(this.#user);
    for (const [predecessor, cause] of outgoing) {
      predecessor.retire(cause, predecessor.health.isRefusing ? "refusing" : "orderly");
    }
    this.#user.onSupplied();
  }

  onConnectFailed(error: ConnectError): void {
    this.#reporter.failed(error);
    this.#lastError = error;
    this.#rejectConnectWaiters(error);
    if (this.#pool.hasOutgoing) this.#connector.connectSoon();
    // What will never be cured still harms nobody as long as another connection works its way through the queue.
    this.#user.onUnsupplied(error, !error.retryable && this.#pool.usable === 0);
  }

  // What connections tell, by way of their user

  /** The connection takes no more requests. */
  ending(connection: Connection, ending: Ending): void {
    this.#reporter.draining(connection, ending);
    if (!this.#pool.drop(connection)) return;
    this.#lastError = ending.cause;
    const { health } = connection;
    if (ending.kind === "refusing" || !health.wasOfUse(performance.now())) this.#connector.holdOff();
    else if (ending.kind === "orderly" && health.served >= worthwhileAnswers) this.#connector.succeeded();
    else this.#connector.spaceOut();
    // The next one is made while what is open settles.
    if (this.#user.hasWork && this.#pool.usable === 0) this.#connector.connectSoon();
  }

  /** The connection is gone. Returns whether it was here. */
  closed(connection: Connection): boolean {
    this.#reporter.closed(connection);
    const wasHere = this.#pool.remove(connection);
    if (this.#pool.size === 0) this.#onDisconnected?.();
    return wasHere;
  }

  /** Few stream identifiers are left. */
  wornOut(connection: Connection): void {
    this.#replace(connection, connectionRetired("The connection was replaced: it has few stream identifiers left."));
  }

  /** A stream was refused, or answered by something that is no answer. */
  streamRefused(connection: Connection, streamId: number, cause: ApnsError): void {
    connection.countRefusal(streamId);
    if (connection.health.isRefusing) connection.retire(refusesEverything(cause.message), "refusing");
  }

  /** An answer other than 200 came: what it says about its connection. */
  answered(connection: Connection, streamId: number, httpStatus: number, reason: string): void {
    const evidence = evidenceOf(httpStatus, reason);
    const said = reason || `HTTP status ${httpStatus}`;
    const replaced = `The connection was replaced after ${said}.`;
    if (evidence === "serves") connection.health.countServed();
    else if (evidence === "leaves") connection.retire(connectionRetired(replaced));
    else {
      connection.countRefusal(streamId);
      const { isRefusing } = connection.health;
      const now = performance.now();
      if (isRefusing && this.#connector.delayAfterFailureMs <= patienceMs) {
        connection.retire(refusesEverything(said), "refusing");
      } else if ((isRefusing || evidence === "fails") && now >= this.#nextReplacementAt) {
        this.#nextReplacementAt = now + replaceEveryMs;
        this.#replace(connection, connectionRetired(replaced));
      }
    }
  }

  /** Makes another connection, and retires this one once it is there. */
  #replace(connection: Connection, cause: ApnsError): void {
    if (this.#pool.replaceLater(connection, cause)) this.#connector.connectSoon();
  }

  #rejectConnectWaiters(error: ApnsError): void {
    for (const { reject } of this.#connectWaiters.splice(0)) reject(error);
  }
}
