import { Buffer } from "node:buffer";
import { connectionFault, Http2Error, streamFault, usageFault } from "../errors.js";
import { type Setting, SettingId } from "../frame/settings.js";
import type { HeaderFields } from "../hpack/header-fields.js";
import type { HeaderTemplate, TemplateField } from "../hpack/header-template.js";
import { Http2ErrorCode } from "../http2-error-code.js";
import { Connection } from "./connection.js";
import { emptyBody } from "./connection-output.js";
import type { FloodCode } from "./flood-guard.js";
import type { ClientHandler, PartialResponse, RequestFailure } from "./handler.js";
import { checkResponse, checkTrailers, contentLength } from "./message-rules.js";
import { type ClientConnectionOptions, inRange, resolveConnectionOptions } from "./options.js";
import { nextStreamState, StreamEvent, StreamState } from "./stream-state.js";
import type { Stream } from "./stream-table.js";
import { createTemplate, writeTemplate } from "./template-writer.js";

/** RFC 9113 section 3.4. */
export const clientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const maxStreamId = 0x7fff_ffff;

/** Faults of a response itself. */
const malformed: ReadonlySet<string> = new Set(["H2_MALFORMED_MESSAGE", "H2_CONTENT_LENGTH"]);

/** What is the same in every request made with one template. */
export interface RequestTemplateOptions {
  /** `:method`, `:scheme`, `:authority` and the regular fields; without `:path` if `pathPrefix` is given. */
  readonly fields: readonly TemplateField[];
  /** Beginning of `:path`, to which each request appends its own part. */
  readonly pathPrefix?: string;
  /** Name of a field of which each request may have its own value, or none. */
  readonly variable?: string;
}

/** A prepared request; made by and for one connection. */
export class RequestTemplate {
  /** For the machine. */
  readonly headers: HeaderTemplate;
  /** For the machine. */
  readonly pathPrefix: Buffer | undefined;
  /** For the machine. */
  readonly owner: object;

  constructor(owner: object, options: RequestTemplateOptions) {
    const { fields, pathPrefix, variable } = options;
    for (const name of [":method", ":scheme", ...(pathPrefix === undefined ? [":path"] : [])]) {
      if (!fields.some((field) => field.name === name)) throw usageFault(`a request needs ${name}`);
    }
    if (pathPrefix !== undefined && !/^[!-~]*$/.test(pathPrefix)) throw usageFault("pathPrefix is not visible ASCII");
    this.owner = owner;
    this.headers = createTemplate(fields, variable === undefined ? [] : [variable], pathPrefix ?? "");
    this.pathPrefix = pathPrefix === undefined ? undefined : Buffer.from(pathPrefix, "latin1");
  }
}

/** The client's side of a connection (RFC 9113), without sockets and timers. */
export class ClientConnection<Context = unknown> extends Connection {
  readonly #handler: ClientHandler<Context>;
  readonly #ownLimit: number;
  #streamLimit: number;
  #nextStreamId: number;
  #lastProcessed = maxStreamId;
  /** HEADERS and DATA of requests given up may still come: they are our own doing, and no flood. */
  #lateFrames = 0;
  /** The peer has exceeded a budget: no new streams, and the next excess ends the connection. */
  #flooded = false;

  /** Queues the preface, SETTINGS and the first WINDOW_UPDATE at once. @throws Http2Error H2_USAGE */
  constructor(options: ClientConnectionOptions, handler: ClientHandler<Context>) {
    super(resolveConnectionOptions(options, { maxBodyBytes: 16_384, maxQueuedReplyBytes: 1_048_576 }), handler);
    this.#handler = handler;
    this.#ownLimit = inRange("maxConcurrentStreams", options.maxConcurrentStreams ?? 4096, 1, 0x10_0000);
    const first = inRange("maxStreamsBeforeSettings", options.maxStreamsBeforeSettings ?? 100, 0, 0x10_0000);
    this.#streamLimit = Math.min(this.#ownLimit, first);
    this.#nextStreamId = inRange("firstStreamId", options.firstStreamId ?? 1, 1, maxStreamId) | 1;
    const { headerTableBytes, initialWindowBytes, maxFrameBytes, maxHeaderListBytes } = this.options;
    this.output.append(Buffer.from(clientPreface, "latin1"));
    const settings: Setting[] = [
      [SettingId.HEADER_TABLE_SIZE, headerTableBytes],
      [SettingId.ENABLE_PUSH, 0],
      [SettingId.INITIAL_WINDOW_SIZE, initialWindowBytes],
      [SettingId.MAX_FRAME_SIZE, maxFrameBytes],
      [SettingId.MAX_HEADER_LIST_SIZE, maxHeaderListBytes],
    ];
    this.updateSettings(settings, this.now);
    this.flow.open();
  }

  /** Requests that {@link request} would take now. 0 while bodies wait for connection window. */
  get availableStreams(): number {
    if (this.draining || this.closed || this.flow.isBlocked || this.flow.sendWindow <= 0) return 0;
    const idsLeft = (maxStreamId - this.#nextStreamId) / 2 + 1;
    return Math.max(0, Math.min(this.#streamLimit - this.streams.count, idsLeft));
  }

  /** What was given to {@link request} with each stream that is open: a copy, in no order. */
  contexts(): Context[] {
    return this.streams.all().map(({ context }) => context as Context);
  }

  /** All identifiers of streams are used up: further requests need another connection (RFC 9113 section 5.1.1). */
  get isExhausted(): boolean {
    return this.#nextStreamId > maxStreamId;
  }

  /** Prepares requests that have most of their header fields in common. @throws Http2Error H2_USAGE */
  createTemplate(options: RequestTemplateOptions): RequestTemplate {
    return new RequestTemplate(this, options);
  }

  /**
   * Queues a request; returns its stream, or 0 when there is no capacity now (nothing has happened then; `onCapacity` or the end
   * of another request is the time to try again).
   *
   * @param path - appended to the template's `pathPrefix`; visible ASCII
   * @param variable - value of the template's variable field, or undefined to leave the field out; visible ASCII
   * @param payload - the body; must not change before it was sent (at once, unless a window is too small)
   * @param context - given back with the response or failure, exactly once
   * @throws Http2Error H2_USAGE for bad arguments; nothing has happened then
   */
  request(
    template: RequestTemplate,
    path: string,
    variable: string | undefined,
    payload: Uint8Array,
    context: Context,
  ): number {
    if (this.draining || this.closed || this.streams.count >= this.#streamLimit) return 0;
    if (this.flow.isBlocked || this.flow.sendWindow <= 0 || this.#nextStreamId > maxStreamId) return 0;
    if (template.owner !== this) throw usageFault("the template belongs to another connection");
    const streamId = this.#nextStreamId;
    const outputAt = this.output.position;
    const bytes = payload.length;
    writeTemplate(
      this.output,
      this.encoder,
      template.headers,
      streamId,
      path,
      template.pathPrefix,
      variable,
      undefined,
      bytes === 0,
    );
    this.#nextStreamId = streamId + 2;
    const stream = this.streams.add(streamId);
    stream.state = StreamState.halfClosedLocal;
    stream.context = context;
    stream.outputAt = outputAt;
    stream.sendWindow = this.flow.initialSendWindow;
    stream.receiveWindow = this.localSettings.acknowledged.initialWindowSize;
    if (bytes === 0) return streamId;
    // The usual body fits every window and one frame.
    if (bytes <= this.flow.sendWindow && bytes <= stream.sendWindow && bytes <= this.flow.maxFrameBytes) {
      this.flow.writeData(stream, payload, 0, bytes, true);
      return streamId;
    }
    if (!this.flow.sendBody(stream, payload)) stream.state = StreamState.open;
    return streamId;
  }

  /** What has come of the response of an open request; see {@link RequestFailure.response}. Valid until the next call. */
  responseSoFar(streamId: number): PartialResponse | undefined {
    const stream = this.streams.get(streamId);
    return stream === undefined ? undefined : this.#responseSoFar(stream);
  }

  /**
   * Gives a request up: RST_STREAM is queued and the failure reported (code H2_CANCELLED). False if the stream is not open.
   */
  resetStream(streamId: number, http2ErrorCode: number = Http2ErrorCode.CANCEL): boolean {
    const stream = this.streams.get(streamId);
    if (stream === undefined || this.closed) return false;
    this.writeReset(streamId, http2ErrorCode);
    this.#lateFrames += 2;
    this.endStream(stream, new Http2Error("H2_CANCELLED", "stream", { initiator: "local", streamId, http2ErrorCode }));
    return true;
  }

  /** Requests that are still here are reported as not processed: so they must not go out with the GOAWAY. */
  protected override beforeFailing(): void {
    this.output.drop();
  }

  protected override readPreface(): number {
    return 0; // a server's preface is its SETTINGS frame alone
  }

  protected override isIdle(streamId: number): boolean {
    return streamId >= this.#nextStreamId || (streamId & 1) === 0;
  }

  protected override headersReceived(streamId: number, fields: HeaderFields, endStream: boolean): void {
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      this.absentStream(streamId);
      return;
    }
    this.checkListSize(fields, streamId);
    if (stream.hasHeaders) {
      checkTrailers(fields, streamId);
      if (!endStream) throw streamFault("H2_MALFORMED_MESSAGE", streamId, "a second header list without END_STREAM");
      this.receivedEnd(stream);
      this.messageComplete(stream);
      return;
    }
    const httpStatus = checkResponse(fields, streamId);
    if (httpStatus < 200) {
      // Interim responses are skipped (RFC 9110 section 15.2); they cannot end a stream (RFC 9113 section 8.1).
      if (endStream || httpStatus === 101)
        throw streamFault("H2_MALFORMED_MESSAGE", streamId, `${httpStatus} out of place`);
      this.ignored();
      return;
    }
    if (endStream) {
      this.#responded(stream, httpStatus, fields, emptyBody);
      return;
    }
    stream.hasHeaders = true;
    stream.httpStatus = httpStatus;
    stream.contentLength = contentLength(fields, streamId);
    stream.keepHeaders(fields);
  }

  protected override messageComplete(stream: Stream): void {
    this.#responded(stream, stream.httpStatus, stream.headers!, this.bodyOf(stream));
  }

  #responded(stream: Stream, httpStatus: number, fields: HeaderFields, body: Uint8Array): void {
    const context = stream.context as Context;
    if (stream.pending !== undefined) {
      // Answered before the body was sent: the rest would be for nobody (RFC 9113 section 8.1).
      this.writeReset(stream.id, Http2ErrorCode.CANCEL);
      this.flow.forget(stream);
    }
    this.streams.remove(stream);
    this.floods.responded();
    this.#handler.onResponse(context, httpStatus, fields, body);
  }

  protected override endStream(stream: Stream, error: Http2Error): void {
    this.reported.add(error);
    const { id } = stream;
    const written = this.output.taken > stream.outputAt;
    const refused = error.code === "H2_RESET_BY_PEER" && error.http2ErrorCode === Http2ErrorCode.REFUSED_STREAM;
    const isMalformed = error.scope === "stream" && malformed.has(error.code);
    const response = isMalformed ? undefined : this.#responseSoFar(stream);
    const context = stream.context as Context;
    this.flow.forget(stream);
    this.streams.remove(stream);
    const failure: RequestFailure = {
      error,
      http2ErrorCode: error.http2ErrorCode,
      initiator: error.initiator,
      written,
      // What is still queued on a live connection goes out, its RST_STREAM behind it, and may be processed.
      processed: (!written && this.closed) || refused || id > this.#lastProcessed ? "no" : "unknown",
      response,
    };
    this.#handler.onRequestFailed(context, failure);
    if (!this.closed) {
      this.#handler.onCapacity?.();
      this.checkDrained();
    }
  }

  #responseSoFar(stream: Stream): PartialResponse | undefined {
    if (!stream.hasHeaders) return undefined;
    return { httpStatus: stream.httpStatus, headers: stream.headers!, body: this.bodyOf(stream) };
  }

  protected override bodySent(stream: Stream): void {
    stream.state = nextStreamState(stream.state, StreamEvent.sendEndStream);
  }

  protected override checkRemoteSettings(pairs: readonly Setting[]): void {
    // "A server MUST NOT explicitly set this value to 1" (section 6.5.2)
    if (pairs.some(([id, value]) => id === SettingId.ENABLE_PUSH && value !== 0)) {
      throw connectionFault("H2_SETTINGS_VALUE", "a server enables push");
    }
  }

  protected override remoteSettingsChanged(): void {
    this.#streamLimit = Math.min(this.#ownLimit, this.remote.maxConcurrentStreams);
    this.#handler.onCapacity?.();
  }

  protected override windowOpened(): void {
    this.#handler.onCapacity?.();
  }

  protected override goAwayReceived(lastStreamId: number, http2ErrorCode: number): void {
    this.#lastProcessed = lastStreamId;
    for (const stream of this.streams.all()) {
      if (stream.id > lastStreamId) {
        this.endStream(stream, new Http2Error("H2_GOAWAY", "stream", { streamId: stream.id, http2ErrorCode }));
      }
    }
  }

  /**
   * The server may owe us the answers to requests that it has processed: the first excess costs it new streams only, and
   * ends the connection once the open ones have settled. The bounds until then are wider, and final.
   */
  protected override floodExceeded(code: FloodCode): void {
    if (this.#flooded) throw connectionFault(code);
    this.#flooded = true;
    this.floods.widen(this.streams.count);
    this.#handler.onFlood?.(connectionFault(code));
    // NO_ERROR: some servers drop what is open at a GOAWAY with any other code (node:http2 destroys its session).
    this.goAway(Http2ErrorCode.NO_ERROR, Buffer.from(code, "latin1"));
  }

  /** Each is of a request of ours, so that we set the pace: a server may refuse a thousand at once, and again a moment later. */
  protected override resetReceived(): void {}

  protected override ignored(): void {
    if (this.#lateFrames > 0) this.#lateFrames--;
    else super.ignored();
  }

  protected override closedStreamFrame(streamId: number): void {
    // The peer said it would not answer these; if it does all the same, nobody is waiting. The others may have been reset here,
    // so many resets ago that they are not remembered one by one.
    if (streamId > this.#lastProcessed || streamId <= this.forgottenReset) {
      this.ignored();
      return;
    }
    super.closedStreamFrame(streamId);
  }
}
