import type { SecureContext } from "node:tls";
import type { ApnsError, ConnectionListener, ResolvedEndpoint, TransportStats } from "@apns/core";
import { SendQueue, SignalRegistry } from "@apns/core/internal";
import type { HeaderFields, PartialResponse, RequestFailure } from "@apns/h2";
import { AddressSpread, type ConnectError, type HttpProxy, TlsSessionCache } from "@apns/net";
import type { Authorizer } from "../auth/authorizer.js";
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
} from "../causes.js";
import { connect } from "../connection/connect.js";
import type { ConnectionEvents, Connection as Http2Connection } from "../connection/connection.js";
import type { Ending } from "../connection/ending.js";
import { parseBody } from "../response.js";
import { ConnectionPool } from "./connection-pool.js";
import { ConnectionReporter } from "./connection-reporter.js";
import { Connector, type ConnectorEvents } from "./connector.js";
import { Deadlines, deadlineSlackMs } from "./deadlines.js";
import { DelayedRequests } from "./delayed-requests.js";
import type { Request } from "./request.js";
import { evidenceOf, isRefusal } from "./retry-policy.js";

type Connection = Http2Connection<Request>;

export interface DispatcherOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly secureContext: SecureContext;
  /** False takes any server for the right one. */
  readonly verifyServer: boolean;
  readonly proxy: HttpProxy | undefined;
  readonly connectTimeoutMs: number;
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
  /** Identifier of the first stream of a connection; high to try what happens when they run out. @default 1 */
  readonly firstStreamId?: number;
}

export interface DispatcherStats extends TransportStats {
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
 * So many queued requests are put on streams at once; fewer wait for the end of this turn of the event loop, so that a
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
 * Carries requests over connections: queue, pool, deadlines, resending. Requests go down from here (queue → connection →
 * machine → socket), answers come up (socket → machine → connection → here → request). It knows HTTP/2 and APNs' habits, but
 * nothing of notifications.
 */
export class Dispatcher implements ConnectionEvents<Request>, ConnectorEvents {
  readonly #options: DispatcherOptions;
  readonly #connector: Connector;
  readonly #queue = new SendQueue<Request>({
    isWaiting: ({ state }) => state === "queued",
    compare: (one, other) => one.sequence - other.sequence,
  });
  readonly #delayed = new DelayedRequests();
  readonly #pool = new ConnectionPool();
  readonly #deadlines = new Deadlines();
  readonly #reporter: ConnectionReporter;
  readonly #signals = new SignalRegistry<Request>((requests, signal) => {
    const cause = aborted(signal);
    for (const request of requests) this.#giveUp(request, cause);
  });
  #connectWaiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #lastConnectionError: ApnsError | undefined;
  #isObtainingToken = false;
  #isPumping = false;
  #isPumpScheduled = false;
  /** The queue waits for room on a connection, which `onCapacity` and `onConnected` announce. */
  #isBlocked = false;
  #unsettled = 0;
  #submitted = 0;
  #resent = 0;
  #connectionsOpened = 0;
  /** No connection is replaced for having failed a request before this. */
  #nextReplacementAt = 0;
  #ticker: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  /** Whether connections without requests keep the process alive. */
  #isRef = true;
  #onSettled: (() => void) | undefined;
  #onDisconnected: (() => void) | undefined;
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#reporter = new ConnectionReporter(options.endpoint);
    const addresses = new AddressSpread();
    const sessions = new TlsSessionCache();
    const connection = { ...options, provesItself: options.authorizer !== undefined };
    this.#connector = new Connector((signal) => connect({ ...options, connection, addresses, sessions }, signal), this);
  }

  stats(): DispatcherStats {
    return {
      ...this.#pool.figures(),
      connectionsOpened: this.#connectionsOpened,
      reconnects: Math.max(0, this.#connectionsOpened - 1),
      inFlight: this.#unsettled,
      queued: this.#queued,
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

  /** Takes a request over; it settles, whatever happens. */
  submit(request: Request, signal?: AbortSignal): void {
    if (this.#unsettled++ === 0 && !this.#isRef) this.#applyRef();
    request.sequence = this.#submitted++;
    const { maxQueued, queueTimeoutMs } = this.#options;
    if (signal?.aborted) {
      this.#settleWithout(request, "no", aborted(signal));
      return;
    }
    // Those that only wait for the end of this turn take no place.
    if (this.#queued >= maxQueued) this.#pump();
    if (this.#queued >= maxQueued) {
      this.#settleWithout(request, "no", queueFull(maxQueued));
      return;
    }
    if (signal !== undefined) request.unwatch = this.#signals.add(signal, request);
    this.#startTicking();
    this.#deadlines.set(request, queueTimeoutMs, request.submittedAt);
    request.state = "queued";
    this.#queue.add(request);
    if (this.#queue.size < pumpBatch) this.#schedulePump();
    else if (!this.#isBlocked) this.#pump();
  }

  /** Whether connections without requests keep the process alive. */
  setRef(ref: boolean): void {
    this.#isRef = ref;
    this.#applyRef();
  }

  /**
   * Lets what is in flight settle for `timeoutMs`, settles the rest as it is, and ends the connections. Resolves once their
   * sockets are closed: a peer that does not close its side is given a second.
   */
  async close(timeoutMs: number): Promise<void> {
    if (this.#unsettled > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onSettled = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const cause = transportClosed(`The transport was closed, and the ${timeoutMs} ms it had left have passed.`);
      for (const request of [...this.#unsettledRequests()]) this.#giveUp(request, cause);
    }
    this.#isClosed = true;
    clearInterval(this.#ticker);
    this.#connector.stop();
    this.#rejectConnectWaiters(transportClosed("The transport was closed while it connected."));
    for (const connection of this.#pool) connection.close(transportClosed("The transport was closed."));
    if (this.#pool.size > 0) await new Promise<void>((resolve) => (this.#onDisconnected = resolve));
  }

  // What the connector tells

  onConnected(connection: Connection): void {
    this.#connectionsOpened++;
    const outgoing = this.#pool.takeOutgoing();
    this.#pool.add(connection);
    this.#reporter.opened(connection);
    this.#lastConnectionError = undefined;
    for (const { resolve } of this.#connectWaiters.splice(0)) resolve();
    connection.attach(this);
    for (const [predecessor, cause] of outgoing) predecessor.retire(cause);
    this.#pump();
    // An idle connection is looked after as well: its health, and for how long it is worth keeping.
    this.#startTicking();
    if (!this.#isRef) this.#applyRef();
  }

  onConnectFailed(error: ConnectError): void {
    this.#reporter.failed(error);
    this.#lastConnectionError = error;
    this.#rejectConnectWaiters(error);
    // What will never be cured still harms nobody as long as another connection works its way through the queue.
    if (!error.retryable && this.#pool.usable === 0) {
      this.#failQueue(error);
      return;
    }
    if (this.#pool.hasOutgoing) this.#connector.connectSoon();
    this.#pump();
  }

  // What connections tell

  onCapacity(): void {
    if (this.#queue.size > 0) this.#pump();
  }

  onAnswer(
    connection: Connection,
    request: Request,
    httpStatus: number,
    headers: HeaderFields,
    body: Uint8Array,
  ): void {
    if (httpStatus >= 300 && this.#isSentAgain(connection, request, httpStatus, body)) return;
    this.#settle(request);
    request.answered(httpStatus, headers, body);
  }

  onNoAnswer(connection: Connection, request: Request, failure: RequestFailure, cause: ApnsError): void {
    if (isRefusal(failure)) connection.countRefusal(request.streamId);
    request.returned(failure.written);
    const { response } = failure;
    // APNs has decided by the time it names a status; what is missing can only say more about it.
    if (response !== undefined && request.state !== "settled" && request.isDecidedBy(response.httpStatus)) {
      this.onAnswer(connection, request, response.httpStatus, response.headers, response.body);
      return;
    }
    if (connection.health.isRefusing) connection.retire(refusesEverything(cause.message), "refusing");
    if (request.state === "settled") return;
    if (failure.processed === "unknown") this.#settleWithout(request, "unknown", cause);
    // Where another connection has to be made first, the back-off sees to the pace.
    else if (connection.isUsable && this.#delayed.add(request, performance.now())) this.#delay(request);
    else this.#sendAgain(request);
  }

  onWornOut(connection: Connection): void {
    this.#replace(connection, connectionRetired("The connection was replaced: it has few stream identifiers left."));
  }

  onEnding(connection: Connection, ending: Ending): void {
    this.#reporter.draining(connection, ending);
    const { kind, cause, reason } = ending;
    if (this.#pool.drop(connection)) {
      this.#lastConnectionError = cause;
      const { health } = connection;
      if (kind === "refusing" || !health.wasOfUse(performance.now())) this.#connector.holdOff();
      else if (kind === "orderly" && health.served >= worthwhileAnswers) this.#connector.succeeded();
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

  // What answers mean

  /** Whether the request is sent again, rather than settled by this answer. */
  #isSentAgain(connection: Connection, request: Request, httpStatus: number, body: Uint8Array): boolean {
    const { reason = "" } = parseBody(body);
    this.#weigh(connection, request.streamId, httpStatus, reason);
    const { authorizer } = this.#options;
    if (httpStatus !== 403 || request.authorization === undefined || request.reauthorized) return false;
    if (authorizer?.replace(request.authorization, reason) !== true) return false;
    request.reauthorized = true;
    // A connection is bound to the credentials it began with.
    connection.retire(connectionRetired("The connection was replaced after a refused token."));
    // The refusal proves that nothing was processed, so sending it again under a new token cannot double it.
    request.returned(true);
    this.#sendAgain(request);
    return true;
  }

  /** What an answer other than 200 says about its connection. */
  #weigh(connection: Connection, streamId: number, httpStatus: number, reason: string): void {
    const evidence = evidenceOf(httpStatus, reason);
    if (evidence === "serves") {
      connection.health.countServed();
      return;
    }
    const said = reason || `HTTP status ${httpStatus}`;
    if (evidence === "leaves") {
      connection.retire(connectionRetired(`The connection was replaced after ${said}.`));
      return;
    }
    connection.countRefusal(streamId);
    const { isRefusing } = connection.health;
    const now = performance.now();
    if (isRefusing && this.#connector.delayMs <= patienceMs) {
      connection.retire(refusesEverything(said), "refusing");
    } else if ((isRefusing || evidence === "fails") && now >= this.#nextReplacementAt) {
      this.#nextReplacementAt = now + replaceEveryMs;
      this.#replace(connection, connectionRetired(`The connection was replaced after ${said}.`));
    }
  }

  /** Makes another connection, and retires this one once it is there. */
  #replace(connection: Connection, cause: ApnsError): void {
    if (this.#pool.replaceLater(connection, cause)) this.#connector.connectSoon();
  }

  // From the queue to streams

  get #queued(): number {
    return this.#queue.size + this.#delayed.size;
  }

  /** Pumps at the end of this turn of the event loop, behind what the sockets have to say. */
  #schedulePump(): void {
    if (this.#isPumpScheduled) return;
    this.#isPumpScheduled = true;
    setImmediate(this.#scheduledPump);
  }

  readonly #scheduledPump = (): void => {
    this.#isPumpScheduled = false;
    this.#pump();
  };

  /** Puts queued requests on streams, as many as the peers allow, and writes them. */
  #pump(): void {
    if (this.#isPumping || this.#isClosed || this.#queue.size === 0) return;
    const { authorizer } = this.#options;
    const authorization = authorizer?.current();
    if (authorizer !== undefined && authorization === undefined) {
      this.#obtainToken(authorizer);
      return;
    }
    const now = performance.now();
    this.#isPumping = true;
    this.#verifyConnections(now);
    this.#isBlocked = !this.#openStreams(authorization, now);
    this.#isPumping = false;
    for (const connection of this.#pool) connection.flush();
    this.#grow(now);
  }

  /** Opens streams until the queue is empty; false if room ran out first. */
  #openStreams(authorization: string | undefined, now: number): boolean {
    for (;;) {
      const connection = this.#pool.leastLoaded();
      if (connection === undefined) return this.#queue.size === 0;
      const request = this.#queue.take();
      if (request === undefined) return true;
      request.state = "idle";
      // Its time has passed while the process was busy or asleep: not an octet of it has left.
      if (request.dueAt <= now) this.#settleWithout(request, "no", notSentInTime(this.#lastConnectionError));
      else if (!this.#open(request, connection, authorization, now)) {
        request.state = "queued";
        this.#queue.putBack([request]);
        return false;
      }
    }
  }

  /** Opens the request's stream on the connection; false if there is no room. */
  #open(request: Request, connection: Connection, authorization: string | undefined, now: number): boolean {
    let streamId: number;
    try {
      streamId = connection.open(request, authorization, now);
    } catch (cause) {
      // Nothing was written. Only what no check has foreseen comes here, such as headers beyond what one frame holds.
      this.#settleWithout(request, "no", cannotBeCarried(cause));
      return true;
    }
    if (streamId === 0) return false;
    request.opened(connection, streamId, authorization, now);
    if (request.attempts > 1) this.#resent++;
    this.#deadlines.set(request, this.#options.requestTimeoutMs, now);
    return true;
  }

  /** Makes another connection if more is waiting than the present ones can take. */
  #grow(now: number): void {
    if (this.#queue.size > 0 && this.#pool.needsAnother(this.#options.maxConnections, now)) {
      this.#connector.connectSoon();
    }
  }

  #obtainToken(authorizer: Authorizer): void {
    if (this.#isObtainingToken) return;
    this.#isObtainingToken = true;
    authorizer.obtain().then(
      () => {
        this.#isObtainingToken = false;
        this.#pump();
      },
      (cause: unknown) => {
        this.#isObtainingToken = false;
        this.#failQueue(noProviderToken(cause));
      },
    );
  }

  #sendAgain(request: Request): void {
    request.state = "queued";
    this.#deadlines.set(request, Number.POSITIVE_INFINITY, 0);
    this.#queue.putBack([request]);
    // At the end of the turn: what failed may be one of many streams of a connection that is just going down.
    this.#schedulePump();
  }

  #delay(request: Request): void {
    request.state = "delayed";
    this.#deadlines.set(request, Number.POSITIVE_INFINITY, 0);
  }

  // Time

  #startTicking(): void {
    if (this.#ticker !== undefined) return;
    this.#tickedAt = performance.now();
    this.#ticker = setInterval(this.#tick, tickEveryMs);
  }

  readonly #tick = (): void => {
    const now = performance.now();
    this.#verifyConnections(now);
    this.#tickedAt = now;
    // Behind what the sockets have to say: a process that was busy or asleep must not take its own delay for the peer's.
    setImmediate(this.#afterTick);
  };

  readonly #afterTick = (): void => {
    if (this.#isClosed) return;
    const now = performance.now();
    for (const connection of this.#pool) connection.tick(now);
    const due = this.#delayed.size > 0 ? this.#delayed.takeDue(now) : [];
    for (const request of due) this.#sendAgain(request);
    for (const request of this.#deadlines.overdue(() => this.#unsettledRequests(), now))
      this.#giveUpOverdue(request, now);
    this.#grow(now);
    const idle = this.#pool.takeIdle(now, this.#options.idleTimeoutMs);
    idle?.retire(connectionRetired("The connection was idle and not needed any more."));
    if (this.#unsettled > 0 || this.#pool.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  };

  /** Connections that nobody could look after are asked before they are used. */
  #verifyConnections(now: number): void {
    const wasFrozen = this.#ticker !== undefined && now - this.#tickedAt > frozenMs;
    for (const connection of this.#pool) {
      if (wasFrozen) connection.verify(now);
      else connection.verifyIfStale(now);
    }
  }

  *#unsettledRequests(): Iterable<Request> {
    yield* this.#queue;
    yield* this.#delayed;
    for (const connection of this.#pool) yield* connection.requests;
  }

  /** Keeps the process alive, or not, by every handle there is: unsettled requests always do. */
  #applyRef(): void {
    const ref = this.#isRef || this.#unsettled > 0;
    for (const connection of this.#pool) connection.setRef(ref);
    if (ref) this.#ticker?.ref();
    else this.#ticker?.unref();
  }

  // Settling

  #giveUpOverdue(request: Request, now: number): void {
    const { connection, openedAt } = request;
    if (connection === undefined) {
      this.#giveUp(request, notSentInTime(this.#lastConnectionError));
      return;
    }
    const cause = unanswered();
    // Seen of APNs: a connection that is alive and answers nothing any more. It gets no further requests. A caller's own
    // shorter deadline proves nothing of that kind; a connection that is dead fails its PING.
    const hadItsTime = now + deadlineSlackMs - openedAt >= this.#options.requestTimeoutMs;
    if (hadItsTime && connection.lastAnswerAt < openedAt) connection.retire(cause);
    this.#giveUp(request, cause);
  }

  /** Settles without a whole answer: nothing was processed if it is on no stream; else its status decides, or nobody knows. */
  #giveUp(request: Request, cause: ApnsError): void {
    if (request.state === "settled") return;
    const { connection, streamId } = request;
    if (connection === undefined) {
      this.#settleWithout(request, "no", cause);
      return;
    }
    const answer: PartialResponse | undefined = connection.answerSoFar(streamId);
    if (answer !== undefined && request.isDecidedBy(answer.httpStatus)) {
      this.#settle(request);
      request.answered(answer.httpStatus, answer.headers, answer.body);
    } else {
      this.#settleWithout(request, "unknown", cause);
    }
    // The stream that becomes free is not for the next in the queue yet: that one may be given up in this same sweep.
    this.#isPumping = true;
    connection.cancel(streamId);
    this.#isPumping = false;
    this.#schedulePump();
  }

  /** Nothing that waits can be sent. */
  #failQueue(cause: ApnsError): void {
    for (const request of [...this.#queue, ...this.#delayed]) this.#giveUp(request, cause);
  }

  #settleWithout(request: Request, processed: "no" | "unknown", cause: ApnsError): void {
    const { state } = request;
    this.#settle(request);
    if (state === "queued") this.#queue.left();
    else if (state === "delayed") this.#delayed.delete(request);
    request.failed(processed, cause);
  }

  #settle(request: Request): void {
    request.settle();
    if (--this.#unsettled > 0) return;
    this.#deadlines.clear();
    this.#connector.cancelScheduled();
    if (!this.#isRef) this.#applyRef();
    this.#onSettled?.();
  }

  #rejectConnectWaiters(error: ApnsError): void {
    for (const { reject } of this.#connectWaiters.splice(0)) reject(error);
  }
}
