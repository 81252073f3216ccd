import type { Buffer } from "node:buffer";
import { connectionFault, Http2Error, streamFault, usageFault } from "../errors.js";
import { frameHeadBytes, writeFrameHead } from "../frame/frame-head.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { SettingId } from "../frame/settings.js";
import { maxFieldBytes, maxUpdateBytes } from "../hpack/encoder.js";
import type { HeaderField, HeaderFields } from "../hpack/header-fields.js";
import type { HeaderTemplate, TemplateField } from "../hpack/header-template.js";
import { Http2ErrorCode } from "../http2-error-code.js";
import { checkField } from "./ascii.js";
import { clientPreface } from "./client-connection.js";
import { Connection } from "./connection.js";
import { emptyBody } from "./connection-output.js";
import type { FloodCode } from "./flood-guard.js";
import type { ServerHandler } from "./handler.js";
import { checkRequest, checkTrailers, contentLength } from "./message-rules.js";
import { inRange, resolveConnectionOptions, type ServerConnectionOptions } from "./options.js";
import { initialSettings } from "./settings.js";
import { nextStreamState, PEER_ENDED, StreamEvent, StreamState } from "./stream-state.js";
import type { Stream } from "./stream-table.js";
import { createTemplate, writeTemplate } from "./template-writer.js";

/** What is the same in every response made with one template. */
export interface ResponseTemplateOptions {
  /** `:status` and the regular fields. */
  readonly fields: readonly TemplateField[];
  /** Names of up to two fields of which each response may have its own value, or none. */
  readonly variables?: readonly string[];
}

/** A prepared response; made by and for one connection. */
export class ResponseTemplate {
  /** For the machine. */
  readonly headers: HeaderTemplate;
  /** For the machine. */
  readonly owner: object;

  constructor(owner: object, { fields, variables = [] }: ResponseTemplateOptions) {
    if (!fields.some((field) => field.name === ":status")) throw usageFault("a response needs :status");
    if (variables.length > 2) throw usageFault("a template has two variables at most");
    this.owner = owner;
    this.headers = createTemplate(fields, variables, "");
  }
}

/** The server's side of a connection (RFC 9113), without sockets and timers. */
export class ServerConnection extends Connection {
  readonly #handler: ServerHandler;
  #prefaceSeen = 0;
  #acceptUpTo = 0x7fff_ffff;
  /** Highest stream opened by the peer, those ignored after GOAWAY included. */
  #highestSeen = 0;

  /** Queues SETTINGS and the first WINDOW_UPDATE at once. @throws Http2Error H2_USAGE */
  constructor(options: ServerConnectionOptions, handler: ServerHandler) {
    super(resolveConnectionOptions(options, { maxBodyBytes: 65_536, maxQueuedReplyBytes: 65_536 }), handler);
    this.#handler = handler;
    const maxConcurrentStreams = inRange("maxConcurrentStreams", options.maxConcurrentStreams ?? 1000, 0, 0x10_0000);
    const { headerTableBytes, initialWindowBytes, maxFrameBytes, maxHeaderListBytes } = this.options;
    // Held to from the start: streams opened before the peer has read our SETTINGS are refused, which is safe to repeat.
    this.localSettings.acknowledged = { ...initialSettings, maxConcurrentStreams };
    this.updateSettings(
      [
        [SettingId.HEADER_TABLE_SIZE, headerTableBytes],
        [SettingId.MAX_CONCURRENT_STREAMS, maxConcurrentStreams],
        [SettingId.INITIAL_WINDOW_SIZE, initialWindowBytes],
        [SettingId.MAX_FRAME_SIZE, maxFrameBytes],
        [SettingId.MAX_HEADER_LIST_SIZE, maxHeaderListBytes],
      ],
      this.now,
    );
    this.flow.open();
  }

  /** Prepares responses that have most of their header fields in common. @throws Http2Error H2_USAGE */
  createTemplate(options: ResponseTemplateOptions): ResponseTemplate {
    return new ResponseTemplate(this, options);
  }

  /**
   * Queues a whole response. False if the stream is not open (any more); nothing has happened then.
   *
   * @param value1 - value of the template's first variable field, or undefined to leave it out; visible ASCII
   * @param value2 - of its second
   * @param body - must not change before it was sent (at once, unless a window is too small)
   * @throws Http2Error H2_USAGE for bad arguments, or if the stream was answered already
   */
  respond(
    streamId: number,
    template: ResponseTemplate,
    value1?: string,
    value2?: string,
    body: Uint8Array = emptyBody,
  ): boolean {
    const stream = this.streams.get(streamId);
    if (stream === undefined || this.closed) return false;
    if (template.owner !== this) throw usageFault("the template belongs to another connection");
    this.#checkUnanswered(stream);
    const isEnd = body.length === 0;
    writeTemplate(this.output, this.encoder, template.headers, streamId, "", undefined, value1, value2, isEnd);
    this.#finish(stream, body);
    return true;
  }

  /**
   * Queues a whole response of any fields, `:status` first. False if the stream is not open; nothing has happened then. A block too
   * large for one frame goes on in CONTINUATION.
   */
  respondFields(streamId: number, fields: readonly HeaderField[], body: Uint8Array = emptyBody): boolean {
    const stream = this.streams.get(streamId);
    if (stream === undefined || this.closed) return false;
    for (const [name, value] of fields) checkField(name, value);
    this.#checkUnanswered(stream);
    this.#writeFields(streamId, fields, body.length === 0);
    this.#finish(stream, body);
    return true;
  }

  /** Queues an interim response (1xx, RFC 9110 section 15.2). False if the stream is not open or was answered. */
  inform(streamId: number, fields: readonly HeaderField[]): boolean {
    const stream = this.streams.get(streamId);
    if (stream === undefined || this.closed || stream.outputAt !== 0) return false;
    for (const [name, value] of fields) checkField(name, value);
    this.#writeFields(streamId, fields, false);
    return true;
  }

  /** Resets a stream: RST_STREAM is queued, `onStreamReset` called. False if it is not open. */
  resetStream(streamId: number, http2ErrorCode: number = Http2ErrorCode.CANCEL): boolean {
    const stream = this.streams.get(streamId);
    if (stream === undefined || this.closed) return false;
    this.writeReset(streamId, http2ErrorCode);
    this.endStream(stream, new Http2Error("H2_CANCELLED", "stream", { initiator: "local", streamId, http2ErrorCode }));
    return true;
  }

  /** Queues GOAWAY. Requests above `lastStreamId` (by default the last one opened) are ignored from now on. */
  override goAway(http2ErrorCode?: number, debugData?: Uint8Array, lastStreamId?: number): void {
    this.#acceptUpTo = lastStreamId ?? this.lastPeerStreamId;
    super.goAway(http2ErrorCode, debugData, lastStreamId);
  }

  /** Answers that are queued are true, whatever comes after them. */
  protected override beforeFailing(): void {}

  protected override readPreface(chunk: Buffer): number {
    if (this.#prefaceSeen === clientPreface.length) return 0;
    let offset = 0;
    while (this.#prefaceSeen < clientPreface.length && offset < chunk.length) {
      if (chunk[offset++] !== clientPreface.charCodeAt(this.#prefaceSeen++)) throw connectionFault("H2_PREFACE");
    }
    return this.#prefaceSeen === clientPreface.length ? offset : -1;
  }

  protected override isIdle(streamId: number): boolean {
    return streamId > this.#highestSeen || (streamId & 1) === 0;
  }

  protected override headersReceived(
    streamId: number,
    fields: HeaderFields,
    endStream: boolean,
    selfDependent: boolean,
  ): void {
    const open = this.streams.get(streamId);
    if (open !== undefined) {
      this.#trailersReceived(open, fields, endStream);
      return;
    }
    if ((streamId & 1) === 0) throw connectionFault("H2_STREAM_ID_ORDER", `a client opens stream ${streamId}`);
    if (streamId <= this.#highestSeen) {
      this.absentStream(streamId);
      return;
    }
    this.#highestSeen = streamId;
    // After GOAWAY the peer may not have read it yet; its streams are as if never sent (RFC 9113 section 6.8).
    if (streamId > this.#acceptUpTo) {
      this.ignored();
      return;
    }
    this.lastPeerStreamId = streamId;
    if (selfDependent) throw streamFault("H2_SELF_DEPENDENCY", streamId);
    if (this.streams.count >= this.localSettings.mostGenerous("maxConcurrentStreams")) {
      throw streamFault("H2_TOO_MANY_STREAMS", streamId);
    }
    this.checkListSize(fields, streamId);
    checkRequest(fields, streamId);
    const length = contentLength(fields, streamId);
    if (endStream && length > 0) throw streamFault("H2_CONTENT_LENGTH", streamId, "a body is announced and none comes");
    const stream = this.streams.add(streamId);
    stream.state = StreamState.open;
    stream.hasHeaders = true;
    stream.contentLength = length;
    stream.outputAt = 0;
    stream.sendWindow = this.flow.initialSendWindow;
    stream.receiveWindow = this.localSettings.acknowledged.initialWindowSize;
    if (endStream) stream.state = StreamState.halfClosedRemote;
    else stream.keepHeaders(fields);
    this.#handler.onRequestHeaders?.(streamId, fields, endStream);
    if (endStream && stream.id === streamId) this.#handler.onRequest(streamId, fields, emptyBody);
  }

  #trailersReceived(stream: Stream, fields: HeaderFields, endStream: boolean): void {
    if (nextStreamState(stream.state, StreamEvent.receiveHeaders) === PEER_ENDED) {
      throw streamFault("H2_STREAM_CLOSED", stream.id, "HEADERS after END_STREAM");
    }
    this.checkListSize(fields, stream.id);
    checkTrailers(fields, stream.id);
    if (!endStream) throw streamFault("H2_MALFORMED_MESSAGE", stream.id, "a second header list without END_STREAM");
    this.receivedEnd(stream);
    this.messageComplete(stream);
  }

  protected override messageComplete(stream: Stream): void {
    // Answered before it was complete: nobody is waiting for the rest.
    if (stream.state === StreamState.closed) {
      this.#remove(stream);
      return;
    }
    if (stream.outputAt !== 0) return;
    const body = this.bodyOf(stream);
    stream.body = undefined;
    this.#handler.onRequest(stream.id, stream.headers!, body);
  }

  protected override endStream(stream: Stream, error: Http2Error): void {
    this.reported.add(error);
    const { id } = stream;
    this.#remove(stream);
    this.#handler.onStreamReset?.(id, error);
  }

  protected override bodySent(stream: Stream): void {
    stream.state = nextStreamState(stream.state, StreamEvent.sendEndStream);
    if (stream.state === StreamState.closed) this.#remove(stream);
  }

  protected override checkRemoteSettings(): void {}

  protected override remoteSettingsChanged(): void {}

  protected override windowOpened(): void {}

  protected override goAwayReceived(): void {}

  /** A client that floods has nothing to lose but its own requests. */
  protected override floodExceeded(code: FloodCode): void {
    throw connectionFault(code);
  }

  protected override closedStreamFrame(streamId: number): void {
    if (streamId > this.#acceptUpTo) {
      this.ignored();
      return;
    }
    super.closedStreamFrame(streamId);
  }

  #checkUnanswered(stream: Stream): void {
    if (stream.outputAt !== 0) throw usageFault(`stream ${stream.id} was answered already`);
  }

  #finish(stream: Stream, body: Uint8Array): void {
    stream.outputAt = this.output.position; // never 0: SETTINGS went before
    if (body.length === 0 || this.flow.sendBody(stream, body)) this.bodySent(stream);
  }

  #remove(stream: Stream): void {
    this.flow.forget(stream);
    this.streams.remove(stream);
    if (this.draining) this.checkDrained();
  }

  #writeFields(streamId: number, fields: readonly HeaderField[], endStream: boolean): void {
    const maxBytes = fields.reduce((sum, [name, value]) => sum + maxFieldBytes(name, value), maxUpdateBytes);
    const frameBytes = this.flow.maxFrameBytes;
    const end = endStream ? FrameFlag.END_STREAM : 0;
    if (maxBytes <= frameBytes) {
      const at = this.output.reserve(frameHeadBytes + maxBytes);
      const slab = this.output.slab;
      const stop = this.#encodeFields(slab, at + frameHeadBytes, fields);
      writeFrameHead(slab, at, stop - at - frameHeadBytes, FrameType.HEADERS, end | FrameFlag.END_HEADERS, streamId);
      this.output.commit(stop);
      return;
    }
    const block = new Uint8Array(maxBytes);
    const length = this.#encodeFields(block, 0, fields);
    for (let offset = 0; offset === 0 || offset < length; offset += frameBytes) {
      const stop = Math.min(length, offset + frameBytes);
      const flags = (stop === length ? FrameFlag.END_HEADERS : 0) | (offset === 0 ? end : 0);
      this.writeFrame(
        offset === 0 ? FrameType.HEADERS : FrameType.CONTINUATION,
        flags,
        streamId,
        block.subarray(offset, stop),
      );
    }
  }

  #encodeFields(target: Uint8Array, start: number, fields: readonly HeaderField[]): number {
    let offset = this.encoder.writeUpdates(target, start);
    // Such responses are made one at a time: only what the static table has is indexed.
    for (const [name, value] of fields) {
      offset = this.encoder.encodeField(target, offset, name, value, name === ":status" ? "table" : "none", false);
    }
    return offset;
  }
}
