import type { TLSSocket } from "node:tls";
import type { ApnsError } from "@apns/core";
import {
  ClientConnection,
  type ClientHandler,
  type GoAwayFrame,
  type HeaderFields,
  type Http2Error,
  type PartialResponse,
  type RequestFailure,
  type RequestTemplate,
  type RequestTemplateOptions,
} from "@apns/h2";
import { parseBody } from "../response.js";
import {
  connectionFailed,
  connectionLost,
  connectionRetired,
  goneAway,
  requestFailed,
  transportClosed,
} from "./causes.js";
import { RefusalRun } from "./evidence.js";
import type { Exchange } from "./exchange.js";

export interface ConnectionEvents {
  /** The peer's first SETTINGS have come: requests may go. */
  onReady(connection: Connection): void;
  /** There may be room for more streams. */
  onCapacity(): void;
  onAnswer(
    connection: Connection,
    exchange: Exchange,
    httpStatus: number,
    headers: HeaderFields,
    body: Uint8Array,
  ): void;
  onFailure(connection: Connection, exchange: Exchange, processed: "no" | "unknown", cause: ApnsError): void;
  /** Few stream identifiers are left. */
  onWornOut(connection: Connection): void;
  /** The connection takes no more streams. A second time only if a further GOAWAY gives a reason. */
  onDraining(connection: Connection, ending: Ending): void;
  onClosed(connection: Connection): void;
}

/** Why a connection takes no more streams. */
export interface Ending {
  /**
   * - `orderly`: what was open was answered or may still be, or certainly not processed: GOAWAY without an error, a close
   *   while nothing was open, our own decision;
   * - `broken`: the socket, TLS or the protocol failed, or GOAWAY named an error;
   * - `refusing`: it answered nothing but refusals.
   */
  readonly kind: "orderly" | "broken" | "refusing";
  readonly cause: ApnsError;
  /** What APNs gave in a GOAWAY. */
  readonly reason?: string | undefined;
}

export interface ConnectionSettings {
  /**
   * Whether the first answer must show that the credentials work before a second stream may open: so with provider
   * tokens, since APNs allows one stream until then.
   */
  readonly provesItself: boolean;
  /** A PING goes out when streams are open and nothing was heard for so long. */
  readonly pingAfterMs: number;
  /** The connection is given up when that PING is not answered for so long. */
  readonly pingTimeoutMs: number;
  /** A PING goes out when no stream is open and nothing was heard for so long. */
  readonly idlePingMs: number;
  /** A longer body of an answer is not read to its end. */
  readonly maxBodyBytes: number;
  /** Identifier of the first stream; high to try what happens when they run out. @default 1 */
  readonly firstStreamId?: number;
}

/** Templates kept per connection: beyond that many notifications in turn, each is prepared anew. */
const maxTemplates = 64;

/**
 * How much is handed to the socket before it says that it has gone out. What was handed over may have been sent when the
 * connection ends; what was not certainly has not, and goes out on another connection.
 */
const maxWriteBytes = 1024 * 1024;

const exhausted = "The connection was replaced: it has used all its stream identifiers.";

/** From this stream on another connection is made, so that it is there when the identifiers end (at 2^31 - 1). */
const wornOutFrom = 0x7fff_ffff - 2 * 4096;

/** How long the peer may take to close its side, in milliseconds. */
const lingerMs = 1000;

/** A first request without an answer for so long makes the connection look mute, in milliseconds. */
const muteAfterMs = 1_000;

/** What the answer to a PING may take before another connection is tried beside the one that is asked, in milliseconds. */
const headStartMs = 200;

/** See {@link Connection.wasOfUse}. */
const longEnoughMs = 5_000;

/** How many octets go out in one write at the most. A larger slab means fewer TLS calls; see docs/performance.md. */
const slabBytes = 128 * 1024;

/**
 * With so much waiting behind a write that is under way, no further streams are opened: what is not encoded yet can still
 * be given up, or go out on another connection, without a doubt.
 */
const maxBacklogBytes = 2 * slabBytes;

interface CachedTemplate {
  readonly authorization: string | undefined;
  readonly template: RequestTemplate;
}

/** One HTTP/2 connection: a machine of `@apns/h2`, a TLS socket, and what is open between them. */
export class Connection implements ClientHandler<Exchange> {
  readonly openedAt: number;
  readonly #machine: ClientConnection<Exchange>;
  readonly #socket: TLSSocket;
  readonly #events: ConnectionEvents;
  readonly #settings: ConnectionSettings;
  readonly #templates = new Map<object, CachedTemplate>();
  #lastKey: object | undefined;
  #lastTemplate: CachedTemplate | undefined;
  /** Open exchanges, in no order; each knows its place. */
  readonly #open: Exchange[] = [];
  #proven: boolean;
  #ready = false;
  #draining = false;
  #closed = false;
  #writing = 0;
  #flushScheduled = false;
  #ending = false;
  #hungUp = false;
  #served = 0;
  #lastStreamId = 0;
  #wornOut = false;
  readonly #refusals = new RefusalRun();
  #pingsInFlight = 0;
  /** Since when it takes no streams until its PING is answered, on the monotonic clock. */
  #verifyingSince: number | undefined;
  #lastReadAt: number;
  /** The same on the wall clock, which goes on while a machine is suspended. */
  #lastReadWallAt = Date.now();
  #goAway: ApnsError | undefined;
  #socketError: Error | undefined;
  /** When the last answer came. */
  lastAnswerAt = 0;
  /** Since when no stream has been open. */
  idleSince: number;

  constructor(socket: TLSSocket, settings: ConnectionSettings, now: number, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#proven = !settings.provesItself;
    this.#settings = settings;
    this.openedAt = now;
    this.#lastReadAt = now;
    this.idleSince = now;
    const { pingTimeoutMs, maxBodyBytes, firstStreamId = 1 } = settings;
    const options = { now, slabBytes, pingTimeoutMs, maxBodyBytes, firstStreamId };
    this.#machine = new ClientConnection<Exchange>(options, this);
    socket.on("error", (error) => this.#lost(error));
    socket.on("end", () => this.#lost());
    socket.on("close", () => this.#lost());
    this.flush();
  }

  /** What the socket has read: bytes of any chunking. */
  receive(chunk: Uint8Array): void {
    if (this.#closed) return;
    const now = performance.now();
    // What is read behind a freeze may have come before it: it shows nothing.
    this.verifyIfStale(now);
    this.#lastReadAt = now;
    this.#lastReadWallAt = Date.now();
    this.#machine.receive(chunk, now);
    // Once for all answers of the chunk, rather than for each.
    this.#events.onCapacity();
    if (this.#machine.hasOutput) this.#scheduleFlush();
  }

  get openStreams(): number {
    return this.#open.length;
  }

  get isReady(): boolean {
    return this.#ready && !this.#draining;
  }

  /** Whether an answer has shown that the credentials work. */
  get isProven(): boolean {
    return this.#proven;
  }

  /** How many streams the peer allows in all. */
  get allowedStreams(): number {
    return this.#proven ? this.#machine.remoteSettings.maxConcurrentStreams : 1;
  }

  /** How many more streams may be opened now. */
  get freeStreams(): number {
    if (!this.#ready || this.#draining || this.#verifyingSince !== undefined) return 0;
    if (this.#machine.queuedBytes >= maxBacklogBytes) return 0;
    if (!this.#proven) return this.#open.length === 0 ? 1 : 0;
    return this.#machine.availableStreams;
  }

  /**
   * Whether it can be counted on: not if its first request has had no answer for a second, nor if it is late with the
   * answer to a PING that asks whether it is still there.
   */
  isResponsive(now: number): boolean {
    if (this.#verifyingSince !== undefined) return now - this.#verifyingSince < headStartMs;
    return this.#proven || this.#open.length === 0 || now - this.#open[0]!.openedAt < muteAfterMs;
  }

  /** Takes no streams until a PING is answered: it may have died without a word. */
  verify(now: number): void {
    if (this.#verifyingSince !== undefined || !this.isReady) return;
    this.#verifyingSince = now;
    this.#ping(now);
    this.#scheduleFlush();
  }

  /**
   * Verifies it if nothing was heard for longer than the health checks allow: then nobody looked after it, since the process
   * was frozen or the machine suspended.
   */
  verifyIfStale(now: number): void {
    const { pingAfterMs, idlePingMs, pingTimeoutMs } = this.#settings;
    const silentMs = Math.max(now - this.#lastReadAt, Date.now() - this.#lastReadWallAt);
    if (silentMs > (this.#open.length > 0 ? pingAfterMs : idlePingMs) + pingTimeoutMs) this.verify(now);
  }

  /** How many requests it has decided about, so that the connection, the credentials and the server behind it work. */
  get served(): number {
    return this.#served;
  }

  /** Whether it did or lasted anything: connections that end before that are made ever more slowly. */
  wasOfUse(now: number): boolean {
    return this.#served > 0 || now - this.openedAt >= longEnoughMs;
  }

  /** Whether it has refused everything for some round trips. */
  get isRefusing(): boolean {
    return this.#refusals.isLong;
  }

  /** An answer, or a reset, says nothing about its request, but something about the connection. */
  countRefusal(streamId: number): void {
    this.#refusals.refused(streamId, this.#lastStreamId);
  }

  /** A request was decided about. */
  countServed(): void {
    this.#served++;
    this.#refusals.served();
  }

  /** What ended it, if that was an error of the socket. */
  get socketError(): Error | undefined {
    return this.#socketError;
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Open exchanges; do not change. */
  get exchanges(): readonly Exchange[] {
    return this.#open;
  }

  /** The prepared constant part of the requests of `key`, if there is one with this authorization. */
  knownTemplate(key: object, authorization: string | undefined): RequestTemplate | undefined {
    // One notification to many devices is the usual case: a look-up in a Map for each costs 0.1 CPU-s per 100,000.
    const cached = this.#lastKey === key ? this.#lastTemplate : this.#templates.get(key);
    if (cached?.authorization !== authorization) return undefined;
    this.#lastKey = key;
    this.#lastTemplate = cached;
    return cached?.template;
  }

  addTemplate(key: object, authorization: string | undefined, options: RequestTemplateOptions): RequestTemplate {
    if (this.#templates.size >= maxTemplates) this.#templates.clear();
    const template = this.#machine.createTemplate(options);
    this.#lastKey = key;
    this.#lastTemplate = { authorization, template };
    this.#templates.set(key, this.#lastTemplate);
    return template;
  }

  /** Opens a stream; returns it, or 0 if there is no room. What is queued goes out with {@link flush}. */
  request(
    template: RequestTemplate,
    path: string,
    variable: string | undefined,
    payload: Uint8Array,
    exchange: Exchange,
  ): number {
    const streamId = this.#machine.request(template, path, variable, payload, exchange);
    if (streamId === 0) return 0;
    this.#lastStreamId = streamId;
    exchange.connection = this;
    exchange.streamId = streamId;
    exchange.slot = this.#open.push(exchange) - 1;
    if (streamId >= wornOutFrom) this.#wearOut();
    return streamId;
  }

  /** Whether the socket keeps the process alive. */
  setRef(ref: boolean): void {
    if (ref) this.#socket.ref();
    else this.#socket.unref();
  }

  /** What has come of the answer to an open exchange, if its status has. */
  answerSoFar(exchange: Exchange): PartialResponse | undefined {
    return this.#machine.responseSoFar(exchange.streamId);
  }

  /** Gives up on an open exchange; its failure is reported as any other. */
  cancel(exchange: Exchange): void {
    this.#machine.resetStream(exchange.streamId);
    this.#scheduleFlush();
  }

  /** Looks after what only time can show. */
  tick(now: number): void {
    if (this.#closed) return;
    const deadline = this.#machine.nextDeadline();
    if (deadline !== undefined && now >= deadline) this.#machine.onDeadline(now);
    else if (this.#pingsInFlight === 0) {
      const { pingAfterMs, idlePingMs } = this.#settings;
      const afterMs = this.#open.length > 0 ? pingAfterMs : idlePingMs;
      if (now - this.#lastReadAt >= afterMs) this.#ping(now);
    }
    if (this.#machine.hasOutput) this.#scheduleFlush();
  }

  /** Takes no more streams, and closes once the open ones are answered. */
  retire(cause: ApnsError, kind: "orderly" | "refusing" = "orderly"): void {
    if (this.#draining) return;
    this.#drain({ kind, cause });
    this.#machine.goAway();
    this.#scheduleFlush();
  }

  /** Says GOAWAY and ends; for when nothing is open any more. */
  close(): void {
    this.retire(transportClosed("The transport was closed."));
    this.#end();
  }

  /** Ends the connection now; open exchanges fail. */
  destroy(): void {
    this.#socket.destroy();
    this.#lost();
  }

  onSettings(): void {
    if (this.#ready) return;
    this.#ready = true;
    this.#events.onReady(this);
  }

  onResponse(exchange: Exchange, httpStatus: number, headers: HeaderFields, body: Uint8Array): void {
    this.#forget(exchange);
    this.lastAnswerAt = this.#lastReadAt;
    if (!this.#proven && httpStatus !== 403) this.#proven = true;
    this.#events.onAnswer(this, exchange, httpStatus, headers, body);
  }

  onRequestFailed(exchange: Exchange, failure: RequestFailure): void {
    this.#forget(exchange);
    // Not an octet of it left this process: it was no attempt.
    if (!failure.written) exchange.attempts--;
    const { response, error } = failure;
    // APNs has decided by the time it names a status; what is missing can only say more about it.
    if (response !== undefined && !exchange.settled && exchange.isDecidedBy(response.httpStatus)) {
      this.#events.onAnswer(this, exchange, response.httpStatus, response.headers, response.body);
      return;
    }
    // Reset by the peer, or answered by something that is no answer. A stream above GOAWAY's last one was only not seen.
    if (error.scope === "stream" && error.initiator === "remote" && error.code !== "H2_GOAWAY") {
      this.countRefusal(exchange.streamId);
    }
    this.#events.onFailure(this, exchange, failure.processed, requestFailed(failure, this.#goAway));
  }

  onCapacity(): void {
    this.#events.onCapacity();
  }

  onPingAck(): void {
    // The answer to a PING from before the freeze shows nothing either; answers come in order.
    if (--this.#pingsInFlight === 0) this.#verifyingSince = undefined;
  }

  #ping(now: number): void {
    if (this.#machine.ping(now)) this.#pingsInFlight++;
  }

  onGoAway(frame: GoAwayFrame): void {
    const { reason } = parseBody(frame.debugData);
    this.#goAway = goneAway(frame, reason);
    const ending: Ending = { kind: frame.http2ErrorCode === 0 ? "orderly" : "broken", cause: this.#goAway, reason };
    if (!this.#draining) this.#drain(ending);
    // A second GOAWAY may be the one that says why.
    else if (reason !== undefined) this.#events.onDraining(this, ending);
  }

  /** The peer sends more frames than its budgets allow: what is open settles, what is new goes elsewhere. */
  onFlood(error: Http2Error): void {
    this.#drain({ kind: "orderly", cause: connectionFailed(error) });
  }

  /** The peer broke the protocol, or fell silent: what is queued (a GOAWAY) goes out, then the socket ends. */
  onConnectionError(error: Http2Error): void {
    this.#drain({ kind: "broken", cause: connectionFailed(error) });
    this.#end();
  }

  onDrained(): void {
    this.#end();
  }

  #end(): void {
    if (this.#ending) return;
    this.#ending = true;
    if (this.#writing === 0) this.#hangUp();
    // A peer that fell silent, or does not close its side, would leave the socket half open for ever.
    setTimeout(() => this.destroy(), lingerMs).unref();
  }

  #hangUp(): void {
    this.flush();
    if (this.#machine.hasOutput) return;
    this.#socket.end();
    this.#hungUp = true;
  }

  #forget(exchange: Exchange): void {
    const last = this.#open.pop()!;
    if (last !== exchange) {
      this.#open[exchange.slot] = last;
      last.slot = exchange.slot;
    }
    exchange.connection = undefined;
    if (this.#open.length === 0) this.idleSince = this.#lastReadAt;
  }

  #lost(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socketError = error;
    const kind = this.#open.length === 0 ? "orderly" : "broken";
    this.#drain({ kind, cause: this.#goAway ?? connectionLost(error) });
    this.#machine.connectionLost(error);
    this.#socket.destroy();
    this.#events.onClosed(this);
  }

  #drain(ending: Ending): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#events.onDraining(this, ending);
  }

  #wearOut(): void {
    if (!this.#wornOut) this.#events.onWornOut(this);
    this.#wornOut = true;
    if (this.#machine.isExhausted) this.retire(connectionRetired(exhausted));
  }

  /** Everything of one turn of the event loop leaves in one write. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(this.#scheduledFlush);
  }

  readonly #scheduledFlush = (): void => {
    this.#flushScheduled = false;
    this.flush();
  };

  /** Writes what is queued, unless a write is under way: then the next slab fills, and `#onWritten` comes back for it. */
  flush(): void {
    if (this.#writing > 0 || this.#closed || this.#hungUp) return;
    let output = this.#machine.takeOutput();
    if (output === undefined) return;
    let room = maxWriteBytes;
    this.#socket.cork();
    while (output !== undefined) {
      this.#writing++;
      this.#socket.write(output, this.#onWritten);
      room -= output.length;
      output = room > 0 ? this.#machine.takeOutput() : undefined;
    }
    this.#socket.uncork();
  }

  readonly #onWritten = (error?: Error | null): void => {
    // The socket is about to say so itself; what it has not been given yet was certainly not sent.
    if (error) return;
    this.#machine.outputWritten();
    if (--this.#writing > 0) return;
    const wasFull = this.#machine.queuedBytes >= maxBacklogBytes;
    if (this.#machine.hasOutput) this.flush();
    if (wasFull) this.#events.onCapacity();
    if (this.#ending && !this.#hungUp && this.#writing === 0) this.#hangUp();
  };
}
