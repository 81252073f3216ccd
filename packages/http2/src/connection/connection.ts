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
} from "@apns/h2";
import { connectionFailed, connectionLost, connectionRetired, goneAway, requestFailed } from "../causes.js";
import { parseBody } from "../response.js";
import type { Ending } from "./ending.js";
import { ConnectionHealth } from "./health.js";
import { KeepAlive, type KeepAliveOptions } from "./keep-alive.js";
import type { OutgoingRequest } from "./outgoing-request.js";
import { SocketWriter, slabBytes } from "./socket-writer.js";
import { TemplateCache } from "./template-cache.js";

/** What a connection tells its owner. */
export interface ConnectionEvents<R extends OutgoingRequest> {
  /** The peer's first SETTINGS have come: requests may go. */
  onReady?(): void;
  /** There may be room for more streams. */
  onCapacity(): void;
  onAnswer(connection: Connection<R>, request: R, httpStatus: number, headers: HeaderFields, body: Uint8Array): void;
  /** There will be no answer, or no more of it than `failure` holds. */
  onNoAnswer(connection: Connection<R>, request: R, failure: RequestFailure, cause: ApnsError): void;
  /** Few stream identifiers are left. */
  onWornOut(connection: Connection<R>): void;
  /** The connection takes no more requests. A second time only if a further GOAWAY gives a reason. */
  onEnding(connection: Connection<R>, ending: Ending): void;
  onClosed(connection: Connection<R>): void;
}

export interface ConnectionSettings extends KeepAliveOptions {
  /**
   * Whether the first answer must show that the credentials work before a second stream may open: so with provider
   * tokens, since APNs allows one stream until then.
   */
  readonly provesItself: boolean;
  /** A longer body of an answer is not read to its end. */
  readonly maxBodyBytes: number;
  /** The probable cause of a GOAWAY with this reason. */
  readonly explain: (reason: string) => string | undefined;
  /** Identifier of the first stream; high to try what happens when they run out. @default 1 */
  readonly firstStreamId?: number;
}

/**
 * `awaitingSettings` → `unproven` → `proven` ⇄ `verifying` → `draining` → `closed`.
 * - `unproven`: one request at a time, until an answer shows that the credentials work;
 * - `verifying`: no requests until a PING is answered, then back to the state before;
 * - `draining`: no new requests; the open ones settle, then the socket is closed.
 */
type ConnectionState =
  | { readonly name: "awaitingSettings" }
  | { readonly name: "unproven" }
  | { readonly name: "proven" }
  | { readonly name: "verifying"; readonly since: number; readonly before: ConnectionState }
  | { readonly name: "draining"; readonly ending: Ending }
  | { readonly name: "closed"; readonly ending: Ending };

const awaitingSettings: ConnectionState = { name: "awaitingSettings" };
const unproven: ConnectionState = { name: "unproven" };
const proven: ConnectionState = { name: "proven" };

const exhausted = "The connection was replaced: it has used all its stream identifiers.";

/** From this stream on another connection is made, so that it is there when the identifiers end (at 2^31 - 1). */
const wornOutFrom = 0x7fff_ffff - 2 * 4096;

/** A first request without an answer for so long makes the connection look mute, in milliseconds. */
const muteAfterMs = 1_000;

/** What the answer to a PING may take before another connection is tried beside the one that is asked, in milliseconds. */
const headStartMs = 200;

/** One HTTP/2 connection: a machine of `@apns/h2`, a TLS socket, and the requests open between them. */
export class Connection<R extends OutgoingRequest> implements ClientHandler<R> {
  readonly health: ConnectionHealth;
  readonly #machine: ClientConnection<R>;
  readonly #socket: TLSSocket;
  readonly #writer: SocketWriter;
  readonly #keepAlive: KeepAlive;
  readonly #templates = new TemplateCache();
  readonly #provesItself: boolean;
  readonly #explain: ConnectionSettings["explain"];
  #events: ConnectionEvents<R>;
  #state: ConnectionState = awaitingSettings;
  #lastStreamId = 0;
  #isWornOut = false;
  #firstRequestAt = 0;
  #goAway: ApnsError | undefined;
  #socketError: Error | undefined;
  /** When the last answer came. */
  lastAnswerAt = 0;
  /** Since when no stream has been open. */
  idleSince: number;

  constructor(socket: TLSSocket, settings: ConnectionSettings, now: number, events: ConnectionEvents<R>) {
    this.#socket = socket;
    this.#events = events;
    this.#provesItself = settings.provesItself;
    this.#explain = settings.explain;
    this.health = new ConnectionHealth(now);
    this.idleSince = now;
    this.#keepAlive = new KeepAlive(settings, now);
    const { pingTimeoutMs, maxBodyBytes, firstStreamId = 1 } = settings;
    this.#machine = new ClientConnection<R>({ now, slabBytes, pingTimeoutMs, maxBodyBytes, firstStreamId }, this);
    this.#writer = new SocketWriter(socket, this.#machine, () => this.#events.onCapacity());
    socket.on("error", (error) => this.#lost(error));
    socket.on("end", () => this.#lost());
    socket.on("close", () => this.#lost());
    this.#writer.flush();
  }

  /** From now on, tells another owner: at once, if the connection has begun to end meanwhile. */
  attach(events: ConnectionEvents<R>): void {
    this.#events = events;
    const state = this.#state;
    if (state.name !== "draining" && state.name !== "closed") return;
    events.onEnding(this, state.ending);
    if (state.name === "closed") events.onClosed(this);
  }

  /** What the socket has read: bytes of any chunking. */
  receive(chunk: Uint8Array): void {
    if (this.#state.name === "closed") return;
    const now = performance.now();
    // What is read behind a freeze may have come before it: it shows nothing.
    this.verifyIfStale(now);
    this.#keepAlive.heard(now);
    this.#machine.receive(chunk, now);
    // Once for all answers of the chunk, rather than for each.
    this.#events.onCapacity();
    if (this.#machine.hasOutput) this.#writer.schedule();
  }

  /** Requests open at this moment. */
  get openStreams(): number {
    return this.#machine.openStreams;
  }

  /** The open requests: a copy, in no order. */
  get requests(): R[] {
    return this.#machine.contexts();
  }

  /** Whether it takes requests, now or once there is room. */
  get isUsable(): boolean {
    const { name } = this.#state;
    return name === "proven" || name === "unproven" || name === "verifying";
  }

  /** How many streams the peer allows in all. */
  get allowedStreams(): number {
    return this.#state.name === "unproven" ? 1 : this.#machine.remoteSettings.maxConcurrentStreams;
  }

  /** How many more streams may be opened now. */
  get freeStreams(): number {
    const { name } = this.#state;
    if (name === "proven") return this.#writer.isFull ? 0 : this.#machine.availableStreams;
    return name === "unproven" && this.#machine.openStreams === 0 ? 1 : 0;
  }

  /** At the peer's limit, and that limit is the one for good: an unproven connection will have room soon. */
  get isAtLimit(): boolean {
    return this.#state.name !== "unproven" && this.freeStreams === 0;
  }

  /**
   * Whether it can be counted on: not if its first request has had no answer for a second, nor if it is late with the answer
   * to a PING that asks whether it is still there.
   */
  isResponsive(now: number): boolean {
    const state = this.#state;
    if (state.name === "verifying") return now - state.since < headStartMs;
    return state.name !== "unproven" || this.openStreams === 0 || now - this.#firstRequestAt < muteAfterMs;
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

  /**
   * Opens a stream for the request; returns its identifier, or 0 if there is no room. {@link flush} writes it.
   * @throws {Http2Error} `H2_USAGE` if HTTP/2 cannot carry the request; nothing has happened then
   */
  open(request: R, authorization: string | undefined, now: number): number {
    const { templateKey } = request;
    const template =
      this.#templates.find(templateKey, authorization) ??
      this.#templates.add(
        templateKey,
        authorization,
        this.#machine.createTemplate(request.describeHeaders(authorization)),
      );
    const { path, variable, body, headerValues } = request;
    const streamId = this.#machine.request(template, path, variable, body, request, headerValues);
    if (streamId === 0) return 0;
    this.#lastStreamId = streamId;
    if (this.#state === unproven) this.#firstRequestAt = now;
    if (streamId >= wornOutFrom) this.#wearOut();
    return streamId;
  }

  /** Writes what is queued. */
  flush(): void {
    this.#writer.flush();
  }

  /** Whether the socket keeps the process alive. */
  setRef(ref: boolean): void {
    if (ref) this.#socket.ref();
    else this.#socket.unref();
  }

  /** What has come of the answer on an open stream, if its status has. */
  answerSoFar(streamId: number): PartialResponse | undefined {
    return this.#machine.responseSoFar(streamId);
  }

  /** Gives up on an open stream; the failure of its request is told as any other. */
  cancel(streamId: number): void {
    this.#machine.resetStream(streamId);
    this.#writer.schedule();
  }

  /** A request was refused in a way that says something about the connection only. */
  countRefusal(streamId: number): void {
    this.health.countRefusal(streamId, this.#lastStreamId);
  }

  /** Looks after what only time can show. */
  tick(now: number): void {
    if (this.#state.name === "closed") return;
    const deadline = this.#machine.nextDeadline();
    if (deadline !== undefined && now >= deadline) this.#machine.onDeadline(now);
    else if (this.#keepAlive.isPingDue(now, this.openStreams === 0)) this.#ping(now);
    if (this.#machine.hasOutput) this.#writer.schedule();
  }

  /** Takes no requests until a PING is answered: it may have died without a word. */
  verify(now: number): void {
    const before = this.#state;
    if (before !== proven && before !== unproven) return;
    this.#state = { name: "verifying", since: now, before };
    this.#ping(now);
    this.#writer.schedule();
  }

  /** Verifies it if nobody has looked after it for longer than the health checks allow. */
  verifyIfStale(now: number): void {
    if (this.#keepAlive.isStale(now, this.openStreams === 0)) this.verify(now);
  }

  /** Takes no more requests, and closes once the open ones are answered. */
  retire(cause: ApnsError, kind: "orderly" | "refusing" = "orderly"): void {
    if (!this.isUsable) return;
    this.#drain({ kind, cause });
    this.#machine.goAway();
    this.#writer.schedule();
  }

  /** Says GOAWAY and closes; for when nothing is open any more. */
  close(cause: ApnsError): void {
    this.retire(cause);
    this.#writer.finish();
  }

  /** Ends the connection now; open requests fail. */
  destroy(): void {
    this.#socket.destroy();
    this.#lost();
  }

  // What the machine tells

  onSettings(): void {
    if (this.#state !== awaitingSettings) return;
    this.#state = this.#provesItself ? unproven : proven;
    this.#events.onReady?.();
  }

  onResponse(request: R, httpStatus: number, headers: HeaderFields, body: Uint8Array): void {
    this.lastAnswerAt = this.#keepAlive.heardAt;
    this.#noteIdle();
    if (httpStatus < 300) this.health.countServed();
    if (httpStatus !== 403) this.#prove();
    this.#events.onAnswer(this, request, httpStatus, headers, body);
  }

  onRequestFailed(request: R, failure: RequestFailure): void {
    this.#noteIdle();
    this.#events.onNoAnswer(this, request, failure, requestFailed(failure, this.#goAway));
  }

  onCapacity(): void {
    this.#events.onCapacity();
  }

  onPingAck(): void {
    // The answer to a PING from before a freeze shows nothing; that to the last one does.
    if (this.#keepAlive.pingAnswered() && this.#state.name === "verifying") this.#state = this.#state.before;
  }

  onGoAway(frame: GoAwayFrame): void {
    const { reason } = parseBody(frame.debugData);
    this.#goAway = goneAway(frame, reason, reason === undefined ? undefined : this.#explain(reason));
    const ending: Ending = { kind: frame.http2ErrorCode === 0 ? "orderly" : "broken", cause: this.#goAway, reason };
    if (this.#state.name !== "draining") this.#drain(ending);
    // A second GOAWAY may be the one that says why.
    else if (reason !== undefined) {
      this.#state = { name: "draining", ending };
      this.#events.onEnding(this, ending);
    }
  }

  /** The peer sends more frames than its budgets allow: what is open settles, what is new goes elsewhere. */
  onFlood(error: Http2Error): void {
    this.#drain({ kind: "orderly", cause: connectionFailed(error) });
  }

  /** The peer broke the protocol, or fell silent: what is queued (a GOAWAY) goes out, then the socket ends. */
  onConnectionError(error: Http2Error): void {
    this.#drain({ kind: "broken", cause: connectionFailed(error) });
    this.#writer.finish();
  }

  onDrained(): void {
    this.#writer.finish();
  }

  #prove(): void {
    if (this.#state === unproven) this.#state = proven;
    else if (this.#state.name === "verifying") this.#state = { ...this.#state, before: proven };
  }

  #noteIdle(): void {
    if (this.openStreams === 0) this.idleSince = this.#keepAlive.heardAt;
  }

  #ping(now: number): void {
    if (this.#machine.ping(now)) this.#keepAlive.pingSent();
  }

  #wearOut(): void {
    if (!this.#isWornOut) this.#events.onWornOut(this);
    this.#isWornOut = true;
    if (this.#machine.isExhausted) this.retire(connectionRetired(exhausted));
  }

  #drain(ending: Ending): void {
    if (this.#state.name === "draining" || this.#state.name === "closed") return;
    this.#state = { name: "draining", ending };
    this.#events.onEnding(this, ending);
  }

  #lost(error?: Error): void {
    if (this.#state.name === "closed") return;
    this.#socketError = error;
    const kind = this.openStreams === 0 ? "orderly" : "broken";
    this.#drain({ kind, cause: this.#goAway ?? connectionLost(error) });
    const { ending } = this.#state as Extract<ConnectionState, { name: "draining" }>;
    this.#state = { name: "closed", ending };
    this.#writer.stop();
    this.#machine.connectionLost(error);
    this.#socket.destroy();
    this.#events.onClosed(this);
  }
}
