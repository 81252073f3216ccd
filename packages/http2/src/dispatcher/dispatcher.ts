import type { ApnsError, ConnectionListener, TransportStats } from "@apns/core";
import { DrainDeadline, queueFullError, SendQueue, SignalRegistry } from "@apns/core/internal";
import type { HeaderFields, PartialResponse, RequestFailure } from "@apns/h2";
import type { Authorizer } from "../auth/authorizer.js";
import {
  aborted,
  cannotBeCarried,
  connectionRetired,
  noProviderToken,
  notSentInTime,
  refusesCredentials,
  transportClosed,
  unanswered,
} from "../causes.js";
import type { Connection as Http2Connection } from "../connection/connection.js";
import type { Ending } from "../connection/ending.js";
import { parseBody } from "../response.js";
import { ConnectionSupply, type ConnectionSupplyOptions, type SupplyUser } from "./connection-supply.js";
import { Deadlines, deadlineSlackMs } from "./deadlines.js";
import { DelayedRequests } from "./delayed-requests.js";
import type { Request } from "./request.js";
import { isRefusal } from "./retry-policy.js";

type Connection = Http2Connection<Request>;

export interface DispatcherOptions extends ConnectionSupplyOptions {
  /** Undefined with certificate authentication. */
  readonly authorizer: Authorizer | undefined;
  readonly requestTimeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly maxQueued: number;
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
 * Carries requests over connections: queue, streams, deadlines, resending. Requests go down from here (queue → connection →
 * machine → socket), answers come up (socket → machine → connection → here → request). It knows nothing of notifications, and
 * leaves to the supply which connections there are.
 */
export class Dispatcher implements SupplyUser {
  readonly #options: DispatcherOptions;
  readonly #supply: ConnectionSupply;
  readonly #queue = new SendQueue<Request>({
    isWaiting: ({ state }) => state === "queued",
    compare: (one, other) => one.sequence - other.sequence,
  });
  readonly #delayed = new DelayedRequests();
  readonly #deadlines = new Deadlines();
  readonly #signals = new SignalRegistry<Request>((requests, signal) => {
    const cause = aborted(signal);
    for (const request of requests) this.#giveUp(request, cause);
  });
  #isObtainingToken = false;
  #isPumping = false;
  #isPumpScheduled = false;
  /** The queue waits for room on a connection, which `onCapacity` and `onConnected` announce. */
  #isBlocked = false;
  #unsettled = 0;
  #submitted = 0;
  #resent = 0;
  #ticker: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  /** Whether connections without requests keep the process alive. */
  #isRef = true;
  #onSettled: (() => void) | undefined;
  readonly #drainDeadline = new DrainDeadline();
  #closing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#supply = new ConnectionSupply(options, options.authorizer !== undefined, this);
  }

  stats(): DispatcherStats {
    return {
      ...this.#supply.figures(),
      inFlight: this.#unsettled,
      queued: this.#queued,
      resent: this.#resent,
      providerTokenAgeMs: this.#options.authorizer?.ageMs,
    };
  }

  /** @returns takes the listener off again */
  watchConnections(listener: ConnectionListener): () => void {
    return this.#supply.watch(listener);
  }

  /** Opens a connection unless one is open. @throws {ConnectError} after one attempt */
  connect(): Promise<void> {
    return this.#supply.connect();
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
      this.#settleWithout(request, "no", queueFullError(maxQueued));
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
   * sockets are closed: a peer that does not close its side is given a second. A second call can shorten the time.
   */
  close(timeoutMs: number): Promise<void> {
    this.#drainDeadline.within(timeoutMs);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const deadline = this.#drainDeadline;
    if (this.#unsettled > 0) {
      const settled = new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
      await Promise.race([settled, deadline.passed]);
      const cause = transportClosed(
        `The transport was closed, and the ${deadline.timeoutMs} ms it had left have passed.`,
      );
      for (const request of [...this.#unsettledRequests()]) this.#giveUp(request, cause);
    }
    deadline.cancel();
    this.#isClosed = true;
    clearInterval(this.#ticker);
    await this.#supply.close();
  }

  // What the supply of connections tells

  get hasWork(): boolean {
    return this.#unsettled > 0;
  }

  onSupplied(): void {
    this.#pump();
    // An idle connection is looked after as well: its health, and for how long it is worth keeping.
    this.#startTicking();
    if (!this.#isRef) this.#applyRef();
  }

  onUnsupplied(error: ApnsError, isFinal: boolean): void {
    if (isFinal) this.#failQueue(error);
    else this.#pump();
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
    request.returned(failure.written);
    const { response } = failure;
    // APNs has decided by the time it names a status; what is missing can only say more about it.
    if (response !== undefined && request.state !== "settled" && request.isDecidedBy(response.httpStatus)) {
      this.onAnswer(connection, request, response.httpStatus, response.headers, response.body);
      return;
    }
    if (isRefusal(failure)) this.#supply.streamRefused(connection, request.streamId, cause);
    if (request.state === "settled") return;
    if (failure.processed === "unknown") this.#settleWithout(request, "unknown", cause);
    // Where another connection has to be made first, the back-off sees to the pace.
    else if (connection.isUsable && this.#delayed.add(request, performance.now())) this.#delay(request);
    else this.#sendAgain(request);
  }

  onWornOut(connection: Connection): void {
    this.#supply.wornOut(connection);
  }

  onEnding(connection: Connection, ending: Ending): void {
    this.#supply.ending(connection, ending);
    const { cause, reason } = ending;
    // BadCertificateEnvironment and its like will be given to every further connection, too.
    if (reason !== undefined && refusesCredentials(reason)) setImmediate(() => this.#failQueue(cause));
  }

  onClosed(connection: Connection): void {
    if (this.#supply.closed(connection)) this.#pump();
  }

  /** Whether the request is sent again, rather than settled by this answer. */
  #isSentAgain(connection: Connection, request: Request, httpStatus: number, body: Uint8Array): boolean {
    const { reason = "" } = parseBody(body);
    this.#supply.answered(connection, request.streamId, httpStatus, reason);
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
    for (const connection of this.#supply.connections) connection.flush();
    if (this.#queue.size > 0) this.#supply.grow(now);
  }

  /** Opens streams until the queue is empty; false if room ran out first. */
  #openStreams(authorization: string | undefined, now: number): boolean {
    for (;;) {
      const connection = this.#supply.leastLoaded();
      if (connection === undefined) return this.#queue.size === 0;
      const request = this.#queue.take();
      if (request === undefined) return true;
      request.state = "idle";
      // Its time has passed while the process was busy or asleep: not an octet of it has left.
      if (request.dueAt <= now) this.#settleWithout(request, "no", notSentInTime(this.#supply.lastError));
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
    this.#supply.tick(now);
    const due = this.#delayed.size > 0 ? this.#delayed.takeDue(now) : [];
    for (const request of due) this.#sendAgain(request);
    for (const request of this.#deadlines.overdue(() => this.#unsettledRequests(), now))
      this.#giveUpOverdue(request, now);
    if (this.#queue.size > 0) this.#supply.grow(now);
    if (this.#unsettled > 0 || this.#supply.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  };

  #verifyConnections(now: number): void {
    this.#supply.verify(now, this.#ticker !== undefined && now - this.#tickedAt > frozenMs);
  }

  *#unsettledRequests(): Iterable<Request> {
    yield* this.#queue;
    yield* this.#delayed;
    for (const connection of this.#supply.connections) yield* connection.requests;
  }

  /** Keeps the process alive, or not, by every handle there is: unsettled requests always do. */
  #applyRef(): void {
    const ref = this.#isRef || this.#unsettled > 0;
    this.#supply.setRef(ref);
    if (ref) this.#ticker?.ref();
    else this.#ticker?.unref();
  }

  // Settling

  #giveUpOverdue(request: Request, now: number): void {
    const { connection, openedAt } = request;
    if (connection === undefined) {
      this.#giveUp(request, notSentInTime(this.#supply.lastError));
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
    this.#supply.cancelScheduled();
    if (!this.#isRef) this.#applyRef();
    this.#onSettled?.();
  }
}
