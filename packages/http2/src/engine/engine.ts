import type { ApnsError, ConnectionListener, TransportStats } from "@apns/core";
import type { HeaderFields } from "@apns/h2";
import type { ConnectError } from "@apns/net";
import { parseBody } from "../response.js";
import { AbortWatch } from "./abort-watch.js";
import type { Authorizer } from "./authorizer.js";
import {
  aborted,
  cannotBeCarried,
  connectionRetired,
  noProviderToken,
  notSentInTime,
  queueFull,
  refusesCredentials,
  refusesEverything,
  transportClosed,
  unanswered,
} from "./causes.js";
import type { Connection, Ending } from "./connection.js";
import { ConnectionPool } from "./connection-pool.js";
import { ConnectionReporter } from "./connection-reporter.js";
import { Connector, type ConnectorEvents, type ConnectorOptions } from "./connector.js";
import { DelayedExchanges } from "./delayed-exchanges.js";
import { evidenceOf } from "./evidence.js";
import type { Exchange } from "./exchange.js";
import { SendQueue } from "./send-queue.js";

export interface EngineOptions extends Omit<ConnectorOptions, "connection"> {
  /** Undefined with certificate authentication. */
  readonly authorizer: Authorizer | undefined;
  readonly requestTimeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly maxQueued: number;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  readonly pingAfterMs: number;
  readonly pingTimeoutMs: number;
  readonly idlePingMs: number;
  /** The longest body of an answer. */
  readonly maxBodyBytes: number;
}

export interface EngineStats extends TransportStats {
  /** Connections opened after the first one was: replacements and growth. */
  readonly reconnects: number;
  /** Streams open at this moment, over all connections. */
  readonly streamsOpen: number;
  /** Streams the peer allows, over all connections that take more. */
  readonly streamsAllowed: number;
  /** Age of the provider token; undefined with a certificate, and before the first send. */
  readonly providerTokenAgeMs: number | undefined;
}

/** How often deadlines and silent connections are looked at: one timer for everything, none for a single request. */
const tickEveryMs = 50;

/** A timer that is so late means that the process was frozen: what became of the connections meanwhile is unknown. */
const frozenMs = 5_000;

/**
 * What came in one burst is overdue together: else the first ones given up would make room for the next, to be written
 * only to be given up in their turn.
 */
const togetherMs = 5;

/**
 * So many queued exchanges are put on streams at once; fewer wait for the end of this turn of the event loop, so that a
 * deadline that passes, a signal that aborts and a connection that ends meanwhile find nothing written.
 */
const pumpBatch = 128;

/**
 * A connection that failed a request is replaced at most so often, in milliseconds: its successor may be no better, and
 * APNs treats quick reconnecting as an attack.
 */
const replaceEveryMs = 5_000;

/** A connection that has served so many requests and ends in order is followed by the next at once. */
const worthwhileAnswers = 100;

/** A connection that answers, if only by refusals, is used on when its successor would have to wait longer than that. */
const patienceMs = 1_000;

/**
 * Carries exchanges over connections: queue, pool, deadlines, resending. It knows HTTP/2 and APNs' habits, but nothing
 * of notifications.
 */
export class Engine implements ConnectorEvents {
  readonly #options: EngineOptions;
  readonly #connector: Connector;
  readonly #queue = new SendQueue();
  readonly #delayed = new DelayedExchanges();
  readonly #pool = new ConnectionPool();
  readonly #reporter: ConnectionReporter;
  readonly #aborts = new AbortWatch((exchange, signal) => this.#giveUp(exchange, aborted(signal)));
  #connectWaiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #lastTrouble: ApnsError | undefined;
  #obtaining = false;
  #pumping = false;
  #pumpScheduled = false;
  /** The queue waits for room on a connection, which `onCapacity` and `onConnected` announce. */
  #blocked = false;
  #unsettled = 0;
  #sequence = 0;
  /** No exchange is overdue before this. */
  #nextDueAt = Number.POSITIVE_INFINITY;
  /** No connection is replaced for having failed a request before this. */
  #nextReplacementAt = 0;
  #ticker: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  #onIdle: (() => void) | undefined;
  #onDisconnected: (() => void) | undefined;
  #closed = false;
  /** The caller has said that what is idle need not keep the process alive. */
  #unrefd = false;
  #resent = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#reporter = new ConnectionReporter(options.endpoint);
    const connection = { ...options, provesItself: options.authorizer !== undefined };
    this.#connector = new Connector({ ...options, connection }, this);
  }

  stats(): EngineStats {
    const { opened } = this.#connector;
    return {
      ...this.#pool.figures(),
      connectionsOpened: opened,
      reconnects: Math.max(0, opened - 1),
      inFlight: this.#unsettled,
      queued: this.#queue.size + this.#delayed.size,
      resent: this.#resent,
      providerTokenAgeMs: this.#options.authorizer?.ageMs,
    };
  }

  /** @returns takes the listener off again */
  watchConnections(listener: ConnectionListener): () => void {
    return this.#reporter.watch(listener);
  }

  /** Opens a connection unless one is open. @throws {ConnectError} after one attempt */
  connect(): Promise<void> {
    if (this.#pool.usable > 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#connectWaiters.push({ resolve, reject });
      this.#connector.connectNow();
    });
  }

  /** Takes an exchange over; it settles, whatever happens. */
  submit(exchange: Exchange, signal?: AbortSignal): void {
    if (this.#unsettled++ === 0 && this.#unrefd) this.#holdProcess();
    exchange.sequence = this.#sequence++;
    const { maxQueued, queueTimeoutMs } = this.#options;
    if (signal?.aborted) {
      this.#fail(exchange, "no", aborted(signal));
      return;
    }
    if (this.#queue.size + this.#delayed.size >= maxQueued) {
      // Those that only wait for the end of this turn take no place.
      this.#pump();
      if (this.#queue.size + this.#delayed.size >= maxQueued) {
        this.#fail(exchange, "no", queueFull(maxQueued));
        return;
      }
    }
    if (signal !== undefined) {
      exchange.detach = this.#aborts.add(signal, exchange);
    }
    this.#startTicking();
    this.#wait(exchange, queueTimeoutMs, exchange.submittedAt);
    this.#queue.add(exchange);
    if (this.#queue.size < pumpBatch) this.#schedulePump();
    else if (!this.#blocked) this.#pump();
  }

  /** Whether connections without requests keep the process alive. */
  setRef(ref: boolean): void {
    this.#unrefd = !ref;
    this.#holdProcess();
  }

  /** Keeps the process alive, or not, by every handle there is: requests under way always do. */
  #holdProcess(): void {
    const hold = !this.#unrefd || this.#unsettled > 0;
    for (const connection of this.#pool) connection.setRef(hold);
    if (hold) this.#ticker?.ref();
    else this.#ticker?.unref();
  }

  /**
   * Lets what is under way settle for `timeoutMs`, settles the rest as it is, and ends the connections. Resolves once their
   * sockets are closed: a peer that does not close its side is given a second.
   */
  async close(timeoutMs: number): Promise<void> {
    if (this.#unsettled > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#giveUpAll(transportClosed(`The transport was closed, and the ${timeoutMs} ms it had left have passed.`));
    }
    this.#closed = true;
    clearInterval(this.#ticker);
    this.#connector.stop();
    this.#rejectConnectWaiters(transportClosed("The transport was closed while it connected."));
    for (const connection of this.#pool) connection.close();
    if (this.#pool.size > 0) await new Promise<void>((resolve) => (this.#onDisconnected = resolve));
  }

  // What connections tell

  onReady(): void {}

  onConnected(connection: Connection): void {
    const outgoing = this.#pool.takeOutgoing();
    this.#pool.add(connection);
    this.#reporter.opened(connection);
    this.#lastTrouble = undefined;
    for (const [predecessor, cause] of outgoing) predecessor.retire(cause);
    for (const { resolve } of this.#connectWaiters.splice(0)) resolve();
    this.#pump();
    // An idle connection is looked after as well: what it is owed, and for how long it is worth keeping.
    this.#startTicking();
    if (this.#unrefd) this.#holdProcess();
  }

  onConnectFailed(error: ConnectError): void {
    this.#reporter.failed(error);
    this.#lastTrouble = error;
    this.#rejectConnectWaiters(error);
    // What will never be cured still harms nobody as long as another connection works its way through the queue.
    if (!error.retryable && this.#pool.usable === 0) {
      this.#failQueue(error);
      return;
    }
    if (this.#pool.hasOutgoing) this.#connector.connectSoon();
    this.#pump();
  }

  onCapacity(): void {
    if (this.#queue.size > 0) this.#pump();
  }

  onAnswer(
    connection: Connection,
    exchange: Exchange,
    httpStatus: number,
    headers: HeaderFields,
    body: Uint8Array,
  ): void {
    if (httpStatus < 300) connection.countServed();
    else if (this.#handleRefusal(connection, exchange, httpStatus, body)) return;
    this.#settle(exchange);
    exchange.answered(httpStatus, headers, body);
  }

  onFailure(connection: Connection, exchange: Exchange, processed: "no" | "unknown", cause: ApnsError): void {
    if (connection.isRefusing) connection.retire(refusesEverything(cause.message), "refusing");
    if (exchange.settled) return;
    if (processed === "unknown") this.#fail(exchange, "unknown", cause);
    // Where another connection has to be made first, the back-off sees to the pace.
    else if (connection.isReady && this.#delayed.add(exchange, performance.now())) {
      this.#wait(exchange, Number.POSITIVE_INFINITY, 0);
    } else this.#sendAgain(exchange);
  }

  onWornOut(connection: Connection): void {
    this.#replace(connection, connectionRetired("The connection was replaced: it has few stream identifiers left."));
  }

  onDraining(connection: Connection, ending: Ending): void {
    this.#reporter.draining(connection, ending);
    const { kind, cause, reason } = ending;
    if (this.#pool.drop(connection)) {
      this.#lastTrouble = cause;
      if (kind === "refusing" || !connection.wasOfUse(performance.now())) this.#connector.holdOff();
      else if (kind === "orderly" && connection.served >= worthwhileAnswers) this.#connector.succeeded();
      else this.#connector.spaceOut();
      // There is work: the next one is made while what is open settles.
      if (this.#unsettled > 0 && this.#pool.usable === 0) this.#connector.connectSoon();
    }
    // BadCertificateEnvironment and its like will be given to every further connection, too.
    if (reason !== undefined && refusesCredentials(reason)) setImmediate(() => this.#failQueue(cause));
  }

  onClosed(connection: Connection): void {
    this.#reporter.closed(connection);
    if (this.#pool.remove(connection)) this.#pump();
    if (this.#pool.size === 0) this.#onDisconnected?.();
  }

  /** Whether the exchange is sent again, rather than settled by this answer. */
  #handleRefusal(connection: Connection, exchange: Exchange, httpStatus: number, body: Uint8Array): boolean {
    const { reason = "" } = parseBody(body);
    this.#weigh(connection, exchange.streamId, httpStatus, reason);
    const { authorizer } = this.#options;
    if (httpStatus !== 403 || exchange.authorization === undefined || exchange.reauthorized) return false;
    if (authorizer?.replace(exchange.authorization, reason) !== true) return false;
    exchange.reauthorized = true;
    // A connection is bound to the credentials it began with.
    connection.retire(connectionRetired("The connection was replaced after a refused token."));
    // The refusal proves that nothing was processed, so sending it again under a new token cannot double it.
    this.#sendAgain(exchange);
    return true;
  }

  /** What an answer other than 200 says about its connection. */
  #weigh(connection: Connection, streamId: number, httpStatus: number, reason: string): void {
    const evidence = evidenceOf(httpStatus, reason);
    if (evidence === "serves") {
      connection.countServed();
      return;
    }
    const said = reason || `HTTP status ${httpStatus}`;
    if (evidence === "leaves") {
      connection.retire(connectionRetired(`The connection was replaced after ${said}.`));
      return;
    }
    connection.countRefusal(streamId);
    const now = performance.now();
    if (connection.isRefusing && this.#connector.delayMs <= patienceMs) {
      connection.retire(refusesEverything(said), "refusing");
    } else if ((connection.isRefusing || evidence === "fails") && now >= this.#nextReplacementAt) {
      this.#nextReplacementAt = now + replaceEveryMs;
      this.#replace(connection, connectionRetired(`The connection was replaced after ${said}.`));
    }
  }

  /** Makes another connection, and retires this one once it is there. */
  #replace(connection: Connection, cause: ApnsError): void {
    if (this.#pool.replaceLater(connection, cause)) this.#connector.connectSoon();
  }

  // Streams

  /** Pumps at the end of this turn of the event loop, behind what the sockets have to say. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    setImmediate(this.#scheduledPump);
  }

  readonly #scheduledPump = (): void => {
    this.#pumpScheduled = false;
    this.#pump();
  };

  /** Puts waiting exchanges on streams, as many as the peer allows. */
  #pump(): void {
    if (this.#pumping || this.#closed || this.#queue.size === 0) return;
    const { authorizer } = this.#options;
    const authorization = authorizer?.current();
    if (authorizer !== undefined && authorization === undefined) {
      this.#obtain(authorizer);
      return;
    }
    const now = performance.now();
    this.#pumping = true;
    this.#verifyConnections(now);
    this.#blocked = !this.#openStreams(authorization, now);
    this.#pumping = false;
    for (const connection of this.#pool) connection.flush();
    this.#grow(now);
  }

  /** Makes another connection if more is waiting than the present ones can take. */
  #grow(now: number): void {
    if (this.#queue.size > 0 && this.#pool.needsAnother(this.#options.maxConnections, now)) {
      this.#connector.connectSoon();
    }
  }

  /** Opens streams until the queue is empty; false if room ran out first. */
  #openStreams(authorization: string | undefined, now: number): boolean {
    for (;;) {
      const connection = this.#pool.roomiest();
      if (connection === undefined) return this.#queue.size === 0;
      const exchange = this.#queue.take();
      if (exchange === undefined) return true;
      // Its time has passed while the process was busy or asleep: not an octet of it has left.
      if (exchange.dueAt <= now) this.#fail(exchange, "no", notSentInTime(this.#lastTrouble));
      else if (!this.#openOn(connection, exchange, authorization, now)) {
        this.#queue.putBack(exchange);
        return false;
      }
    }
  }

  /** Opens the exchange's stream on the connection; false if there is no room. */
  #openOn(connection: Connection, exchange: Exchange, authorization: string | undefined, now: number): boolean {
    exchange.attempts++;
    try {
      if (exchange.write(connection, authorization) === 0) {
        exchange.attempts--;
        return false;
      }
    } catch (cause) {
      // Nothing was written. Only what no check has foreseen comes here, such as headers beyond what one frame holds.
      exchange.attempts--;
      this.#fail(exchange, "no", cannotBeCarried(cause));
      return true;
    }
    exchange.authorization = authorization;
    if (exchange.attempts > 1) this.#resent++;
    exchange.openedAt = now;
    this.#wait(exchange, this.#options.requestTimeoutMs, now);
    return true;
  }

  #obtain(authorizer: Authorizer): void {
    if (this.#obtaining) return;
    this.#obtaining = true;
    authorizer.obtain().then(
      () => {
        this.#obtaining = false;
        this.#pump();
      },
      (cause: unknown) => {
        this.#obtaining = false;
        this.#failQueue(noProviderToken(cause));
      },
    );
  }

  #sendAgain(exchange: Exchange): void {
    this.#wait(exchange, Number.POSITIVE_INFINITY, 0);
    this.#queue.putBack(exchange);
    // At the end of the turn: what failed may be one of many streams of a connection that is just going down.
    this.#schedulePump();
  }

  // Time

  /** Sets when the exchange is overdue where it is now. The time is passed in: reading the clock costs 3 % of a push. */
  #wait(exchange: Exchange, timeoutMs: number, now: number): void {
    const dueAt = Math.min(exchange.deadlineAt, now + timeoutMs);
    exchange.dueAt = dueAt;
    if (dueAt < this.#nextDueAt) this.#nextDueAt = dueAt;
  }

  #startTicking(): void {
    if (this.#ticker !== undefined) return;
    this.#tickedAt = performance.now();
    this.#ticker = setInterval(this.#tick, tickEveryMs);
  }

  /** Connections that nobody could look after are asked before they are used. */
  #verifyConnections(now: number): void {
    const wasFrozen = this.#ticker !== undefined && now - this.#tickedAt > frozenMs;
    for (const connection of this.#pool) {
      if (wasFrozen) connection.verify(now);
      else connection.verifyIfStale(now);
    }
  }

  readonly #tick = (): void => {
    const now = performance.now();
    this.#verifyConnections(now);
    this.#tickedAt = now;
    // Behind what the sockets have to say: a process that was busy or asleep must not take its own delay for the peer's.
    setImmediate(this.#judge);
  };

  readonly #judge = (): void => {
    if (this.#closed) return;
    const now = performance.now();
    for (const connection of this.#pool) connection.tick(now);
    if (this.#delayed.size > 0) {
      for (const exchange of this.#delayed.takeDue(now)) this.#queue.putBack(exchange);
      this.#pump();
    }
    if (now >= this.#nextDueAt) this.#sweep(now);
    this.#grow(now);
    const idle = this.#pool.takeIdle(now, this.#options.idleTimeoutMs);
    idle?.retire(connectionRetired("The connection was idle and not needed any more."));
    if (this.#unsettled > 0 || this.#pool.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  };

  /** Gives up on what is overdue. */
  #sweep(now: number): void {
    const overdue: Exchange[] = [];
    let nextDueAt = Number.POSITIVE_INFINITY;
    for (const exchange of this.#unsettledExchanges()) {
      if (exchange.dueAt <= now + togetherMs) overdue.push(exchange);
      else nextDueAt = Math.min(nextDueAt, exchange.dueAt);
    }
    this.#nextDueAt = nextDueAt;
    for (const exchange of overdue) {
      const { connection, openedAt } = exchange;
      const error = connection === undefined ? notSentInTime(this.#lastTrouble) : unanswered();
      // Seen of APNs: a connection that is alive and answers nothing any more. It gets no further requests. A caller's
      // own shorter deadline proves nothing of that kind; a connection that is dead fails its PING.
      const isSilent = now + togetherMs - openedAt >= this.#options.requestTimeoutMs && connection !== undefined;
      if (isSilent && connection.lastAnswerAt < openedAt) connection.retire(error);
      this.#giveUp(exchange, error);
    }
  }

  *#unsettledExchanges(): Iterable<Exchange> {
    yield* this.#queue;
    yield* this.#delayed;
    for (const connection of this.#pool) yield* connection.exchanges;
  }

  // Settling

  /** Settles without a whole answer: nothing was processed if it is on no stream; else its status decides, or who knows. */
  #giveUp(exchange: Exchange, cause: ApnsError): void {
    if (exchange.settled) return;
    const { connection } = exchange;
    if (connection === undefined) {
      this.#fail(exchange, "no", cause);
      return;
    }
    const answer = connection.answerSoFar(exchange);
    if (answer !== undefined && exchange.isDecidedBy(answer.httpStatus)) {
      this.#settle(exchange);
      exchange.answered(answer.httpStatus, answer.headers, answer.body);
    } else this.#fail(exchange, "unknown", cause);
    // The stream it leaves is not for the next in the queue at once: that one may be given up in the same breath.
    this.#pumping = true;
    connection.cancel(exchange);
    this.#pumping = false;
    setImmediate(() => this.#pump());
  }

  #giveUpAll(cause: ApnsError): void {
    for (const exchange of [...this.#unsettledExchanges()]) this.#giveUp(exchange, cause);
  }

  /** Nothing that waits can be sent. */
  #failQueue(cause: ApnsError): void {
    for (const exchange of [...this.#queue, ...this.#delayed]) this.#giveUp(exchange, cause);
  }

  #fail(exchange: Exchange, processed: "no" | "unknown", cause: ApnsError): void {
    this.#queue.drop(exchange);
    this.#delayed.drop(exchange);
    this.#settle(exchange);
    exchange.failed(processed, cause);
  }

  #settle(exchange: Exchange): void {
    exchange.settled = true;
    if (exchange.detach !== undefined) exchange.detach();
    if (--this.#unsettled > 0) return;
    this.#nextDueAt = Number.POSITIVE_INFINITY;
    this.#connector.noHurry();
    if (this.#unrefd) this.#holdProcess();
    this.#onIdle?.();
  }

  #rejectConnectWaiters(error: ApnsError): void {
    for (const { reject } of this.#connectWaiters.splice(0)) reject(error);
  }
}
