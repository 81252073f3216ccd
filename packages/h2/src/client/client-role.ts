import { Buffer } from "node:buffer";
import type { FloodCode, FloodGuard } from "../connection/flood-guard.js";
import type { GoAway } from "../connection/go-away.js";
import type { ClientHandler, PartialResponse, RequestFailure } from "../connection/handler.js";
import type { Lifecycle } from "../connection/lifecycle.js";
import type { ResolvedClientOptions } from "../connection/options.js";
import type { ConnectionParts } from "../connection/parts.js";
import { clientPreface } from "../connection/preface.js";
import type { Resets } from "../connection/resets.js";
import type { Role } from "../connection/role.js";
import type { Settings } from "../connection/settings.js";
import { connectionFault, Http2Error, streamFault, usageFault } from "../errors.js";
import { SettingId } from "../frame/settings.js";
import type { HpackEncoder } from "../hpack/encoder.js";
import type { HeaderFields } from "../hpack/header-fields.js";
import { Http2ErrorCode } from "../http2-error-code.js";
import { checkListSize, checkResponse, contentLength, statusOfMalformed } from "../message/message-rules.js";
import { writeTemplate } from "../message/template-writer.js";
import type { FieldValues } from "../message/varying-fields.js";
import type { OutputQueue } from "../output/output-queue.js";
import { markReported } from "../reported-errors.js";
import type { FlowControl } from "../streams/flow-control.js";
import { emptyBody, type Stream } from "../streams/stream.js";
import { StreamState } from "../streams/stream-state.js";
import { maxStreamId, type StreamTable } from "../streams/stream-table.js";
import type { RequestTemplate } from "./request-template.js";

/** Faults of a response itself. A malformed response must not be used (RFC 9113 section 8.1.1). */
const malformed: ReadonlySet<string> = new Set(["H2_MALFORMED_MESSAGE", "H2_CONTENT_LENGTH"]);

/** HEADERS and DATA: the frames of a response that may still arrive after this side has reset its stream. */
const lateFramesPerReset = 2;

/** Requests out, responses in. */
export class ClientRole<Context> implements Role {
  readonly #options: ResolvedClientOptions;
  readonly #output: OutputQueue;
  readonly #encoder: HpackEncoder;
  readonly #streams: StreamTable;
  readonly #flow: FlowControl;
  readonly #settings: Settings;
  readonly #lifecycle: Lifecycle;
  readonly #goAway: GoAway;
  readonly #resets: Resets;
  readonly #floods: FloodGuard;
  readonly #handler: ClientHandler<Context>;
  /** Streams that may be open at once. */
  #streamLimit: number;
  /** The peer has exceeded a budget: the connection drains, and the next excess ends it. */
  #isFlooded = false;

  constructor(parts: ConnectionParts, options: ResolvedClientOptions, handler: ClientHandler<Context>) {
    this.#options = options;
    this.#output = parts.output;
    this.#encoder = parts.encoder;
    this.#streams = parts.streams;
    this.#flow = parts.flow;
    this.#settings = parts.settings;
    this.#lifecycle = parts.lifecycle;
    this.#goAway = parts.goAway;
    this.#resets = parts.resets;
    this.#floods = parts.floods;
    this.#handler = handler;
    this.#streamLimit = Math.min(options.maxConcurrentStreams, options.maxStreamsBeforeSettings);
    this.#streams.highestId = options.firstStreamId - 2;
  }

  /** See {@link ClientConnection.availableStreams}. */
  get availableStreams(): number {
    if (!this.#lifecycle.isOpen || this.#flow.isBlocked || this.#flow.sendWindow <= 0) return 0;
    const idsLeft = (maxStreamId - this.#streams.highestId) / 2;
    return Math.max(0, Math.min(this.#streamLimit - this.#streams.count, idsLeft));
  }

  /** See {@link ClientConnection.contexts}. */
  contexts(): Context[] {
    return this.#streams.all().map(({ context }) => context as Context);
  }

  /** See {@link ClientConnection.isExhausted}. */
  get isExhausted(): boolean {
    return this.#streams.highestId >= maxStreamId;
  }

  sendPreface(now: number): void {
    const { headerTableBytes, initialWindowBytes, maxFrameBytes, maxHeaderListBytes } = this.#options;
    this.#output.append(Buffer.from(clientPreface, "latin1"));
    this.#settings.send(
      [
        [SettingId.HEADER_TABLE_SIZE, headerTableBytes],
        [SettingId.ENABLE_PUSH, 0],
        [SettingId.INITIAL_WINDOW_SIZE, initialWindowBytes],
        [SettingId.MAX_FRAME_SIZE, maxFrameBytes],
        [SettingId.MAX_HEADER_LIST_SIZE, maxHeaderListBytes],
      ],
      now,
    );
    this.#flow.openConnectionWindow();
  }

  /** See {@link ClientConnection.request}. */
  request(
    template: RequestTemplate,
    path: string,
    variable: string | undefined,
    payload: Uint8Array,
    context: Context,
    varying: FieldValues | undefined,
  ): number {
    const streams = this.#streams;
    const flow = this.#flow;
    if (!this.#lifecycle.isOpen || streams.count >= this.#streamLimit) return 0;
    if (flow.isBlocked || flow.sendWindow <= 0 || streams.highestId >= maxStreamId) return 0;
    if (template.owner !== this) throw usageFault("the template belongs to another connection");
    const streamId = streams.highestId + 2;
    const outputAt = this.#output.position;
    const bytes = payload.length;
    writeTemplate(this.#output, this.#encoder, template, streamId, path, variable, undefined, varying, bytes === 0);
    streams.highestId = streamId;
    const stream = streams.add(streamId);
    stream.state = StreamState.halfClosedLocal;
    stream.context = context;
    stream.outputAt = outputAt;
    stream.sendWindow = flow.initialSendWindow;
    stream.receiveWindow = flow.initialReceiveWindow;
    if (bytes === 0) return streamId;
    // The usual body fits both windows and one frame.
    if (bytes <= flow.sendWindow && bytes <= stream.sendWindow && bytes <= flow.maxFrameBytes) {
      flow.writeData(stream, payload, 0, bytes, true);
      return streamId;
    }
    stream.state = StreamState.open;
    flow.sendBody(stream, payload);
    return streamId;
  }

  /** See {@link ClientConnection.responseSoFar}. */
  responseSoFar(streamId: number): PartialResponse | undefined {
    const stream = this.#streams.get(streamId);
    return stream === undefined ? undefined : partialResponse(stream);
  }

  headersReceived(stream: Stream | undefined, streamId: number, fields: HeaderFields, endStream: boolean): boolean {
    // Push is disabled: a server opens no streams.
    if (stream === undefined) throw connectionFault("H2_IDLE_STREAM");
    const httpStatus = checkedStatus(stream, fields);
    if (httpStatus < 200) {
      // An interim response cannot end a stream (section 8.1), and HTTP/2 has no 101 (section 8.6).
      if (endStream || httpStatus === 101) {
        throw streamFault("H2_MALFORMED_MESSAGE", streamId, `${httpStatus} out of place`);
      }
      return false;
    }
    if (endStream) {
      this.#respond(stream, httpStatus, fields, emptyBody);
      return true;
    }
    stream.hasHeaders = true;
    stream.httpStatus = httpStatus;
    stream.contentLength = contentLength(fields, streamId);
    stream.keepHeaders(fields);
    return true;
  }

  messageComplete(stream: Stream): void {
    this.#respond(stream, stream.httpStatus, stream.headers!, stream.receivedBody);
  }

  streamFailed(stream: Stream, error: Http2Error): void {
    markReported(error);
    if (error.code === "H2_CANCELLED") this.#floods.expectLateFrames(lateFramesPerReset);
    const isClosed = this.#lifecycle.isClosed;
    const written = this.#output.taken > stream.outputAt;
    const refused = error.code === "H2_RESET_BY_PEER" && error.http2ErrorCode === Http2ErrorCode.REFUSED_STREAM;
    const unprocessed = refused || stream.id > this.#goAway.receivedLastStreamId;
    const isMalformed = error.scope === "stream" && malformed.has(error.code);
    const context = stream.context as Context;
    const failure: RequestFailure = {
      error,
      http2ErrorCode: error.http2ErrorCode,
      initiator: error.initiator,
      httpStatus: stream.httpStatus === 0 ? undefined : stream.httpStatus,
      written,
      // Output that is queued on an open connection is still sent, RST_STREAM behind it, and may be processed.
      processed: unprocessed || (!written && isClosed) ? "no" : "unknown",
      response: isMalformed ? undefined : partialResponse(stream),
    };
    this.#flow.forget(stream);
    this.#streams.remove(stream);
    this.#handler.onRequestFailed(context, failure);
    if (this.#lifecycle.isClosed) return;
    this.#handler.onCapacity?.();
    this.#lifecycle.checkDrained();
  }

  mayReceiveOnClosed(streamId: number): boolean {
    // The server announced by GOAWAY that it would not process the stream; or this side has reset it, so many resets
    // ago that it is no longer remembered.
    return streamId > this.#goAway.receivedLastStreamId || streamId <= this.#resets.highestForgotten;
  }

  capacityChanged(): void {
    this.#streamLimit = Math.min(this.#options.maxConcurrentStreams, this.#settings.remote.maxConcurrentStreams);
    this.#handler.onCapacity?.();
  }

  roomChanged(): void {}

  goAwayReceived(lastStreamId: number, http2ErrorCode: number): void {
    for (const stream of this.#streams.all()) {
      if (stream.id <= lastStreamId) continue;
      this.streamFailed(stream, new Http2Error("H2_GOAWAY", "stream", { streamId: stream.id, http2ErrorCode }));
    }
  }

  /**
   * The server may owe answers to requests that it has processed, so the first excess only drains the connection. The
   * budgets are wider from then on, and the next excess ends the connection.
   */
  floodExceeded(code: FloodCode): void {
    const error = connectionFault(code);
    if (this.#isFlooded) throw error;
    this.#isFlooded = true;
    this.#floods.widen(this.#streams.count);
    this.#handler.onFlood?.(error);
    // NO_ERROR: some servers reset open streams at a GOAWAY with any other code (node:http2 destroys its session).
    this.#goAway.send(Http2ErrorCode.NO_ERROR, Buffer.from(code, "latin1"));
  }

  /** Requests that were not taken yet are reported as not processed, so they must not be sent. */
  connectionFailing(): void {
    this.#output.drop();
  }

  #respond(stream: Stream, httpStatus: number, fields: HeaderFields, body: Uint8Array): void {
    const context = stream.context as Context;
    if (stream.pending !== undefined) {
      // The response is complete before the request is: the server needs no more of the body (section 8.1).
      this.#resets.send(stream.id, Http2ErrorCode.CANCEL);
      this.#flow.forget(stream);
    }
    this.#streams.remove(stream);
    this.#floods.responded();
    this.#handler.onResponse(context, httpStatus, fields, body);
  }
}

/** The status of a header list that keeps the rules. A status that can be read is kept for the failure of one that does not. */
function checkedStatus(stream: Stream, fields: HeaderFields): number {
  try {
    checkListSize(fields, stream.id);
    return checkResponse(fields, stream.id);
  } catch (error) {
    stream.httpStatus = statusOfMalformed(fields);
    throw error;
  }
}

function partialResponse(stream: Stream): PartialResponse | undefined {
  if (!stream.hasHeaders) return undefined;
  return { httpStatus: stream.httpStatus, headers: stream.headers!, body: stream.receivedBody };
}
