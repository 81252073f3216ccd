import type { FloodCode } from "../connection/flood-guard.js";
import type { GoAway } from "../connection/go-away.js";
import type { ServerHandler } from "../connection/handler.js";
import type { Lifecycle } from "../connection/lifecycle.js";
import type { ResolvedServerOptions } from "../connection/options.js";
import type { ConnectionParts } from "../connection/parts.js";
import type { Role } from "../connection/role.js";
import type { Settings } from "../connection/settings.js";
import { connectionFault, type Http2Error, streamFault, usageFault } from "../errors.js";
import { SettingId } from "../frame/settings.js";
import type { HpackEncoder } from "../hpack/encoder.js";
import type { HeaderField, HeaderFields } from "../hpack/header-fields.js";
import { checkField } from "../message/ascii.js";
import { writeFields } from "../message/fields-writer.js";
import { checkListSize, checkRequest, contentLength } from "../message/message-rules.js";
import { writeTemplate } from "../message/template-writer.js";
import type { OutputQueue } from "../output/output-queue.js";
import { markReported } from "../reported-errors.js";
import type { FlowControl } from "../streams/flow-control.js";
import { emptyBody, type Stream } from "../streams/stream.js";
import { StreamState } from "../streams/stream-state.js";
import type { StreamTable } from "../streams/stream-table.js";
import type { ResponseTemplate } from "./response-template.js";

/** Requests in, responses out. */
export class ServerRole implements Role {
  readonly #options: ResolvedServerOptions;
  readonly #output: OutputQueue;
  readonly #encoder: HpackEncoder;
  readonly #streams: StreamTable;
  readonly #flow: FlowControl;
  readonly #settings: Settings;
  readonly #lifecycle: Lifecycle;
  readonly #goAway: GoAway;
  readonly #handler: ServerHandler;

  constructor(parts: ConnectionParts, options: ResolvedServerOptions, handler: ServerHandler) {
    this.#options = options;
    this.#output = parts.output;
    this.#encoder = parts.encoder;
    this.#streams = parts.streams;
    this.#flow = parts.flow;
    this.#settings = parts.settings;
    this.#lifecycle = parts.lifecycle;
    this.#goAway = parts.goAway;
    this.#handler = handler;
  }

  sendPreface(now: number): void {
    const { headerTableBytes, maxConcurrentStreams, initialWindowBytes, maxFrameBytes, maxHeaderListBytes } =
      this.#options;
    // In force from the start: streams that the peer opens before it has read the SETTINGS are refused, which is safe
    // to repeat.
    this.#settings.local.enforceStreamLimit(maxConcurrentStreams);
    this.#settings.send(
      [
        [SettingId.HEADER_TABLE_SIZE, headerTableBytes],
        [SettingId.MAX_CONCURRENT_STREAMS, maxConcurrentStreams],
        [SettingId.INITIAL_WINDOW_SIZE, initialWindowBytes],
        [SettingId.MAX_FRAME_SIZE, maxFrameBytes],
        [SettingId.MAX_HEADER_LIST_SIZE, maxHeaderListBytes],
      ],
      now,
    );
    this.#flow.openConnectionWindow();
  }

  /** See {@link ServerConnection.respond}. */
  respond(
    streamId: number,
    template: ResponseTemplate,
    value1: string | undefined,
    value2: string | undefined,
    body: Uint8Array,
  ): boolean {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || this.#lifecycle.isClosed) return false;
    if (template.owner !== this) throw usageFault("the template belongs to another connection");
    checkUnanswered(stream);
    const isEnd = body.length === 0;
    writeTemplate(this.#output, this.#encoder, template.headers, streamId, "", undefined, value1, value2, isEnd);
    this.#sendBody(stream, body);
    return true;
  }

  /** See {@link ServerConnection.respondFields}. */
  respondFields(streamId: number, fields: readonly HeaderField[], body: Uint8Array): boolean {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || this.#lifecycle.isClosed) return false;
    for (const [name, value] of fields) checkField(name, value);
    checkUnanswered(stream);
    writeFields(this.#output, this.#encoder, this.#flow.maxFrameBytes, streamId, fields, body.length === 0);
    this.#sendBody(stream, body);
    return true;
  }

  /** See {@link ServerConnection.inform}. */
  inform(streamId: number, fields: readonly HeaderField[]): boolean {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || this.#lifecycle.isClosed || isAnswered(stream)) return false;
    for (const [name, value] of fields) checkField(name, value);
    writeFields(this.#output, this.#encoder, this.#flow.maxFrameBytes, streamId, fields, false);
    return true;
  }

  /** `stream` is undefined: an open stream of a server has its header list. */
  headersReceived(
    _stream: Stream | undefined,
    streamId: number,
    fields: HeaderFields,
    endStream: boolean,
    selfDependent: boolean,
  ): boolean {
    if ((streamId & 1) === 0) throw connectionFault("H2_STREAM_ID_ORDER", `a client opens stream ${streamId}`);
    this.#streams.highestId = streamId;
    // The peer may not have read the GOAWAY yet; the stream counts as never opened (section 6.8).
    if (streamId > this.#goAway.sentLastStreamId) return false;
    this.#goAway.lastPeerStreamId = streamId;
    if (selfDependent) throw streamFault("H2_SELF_DEPENDENCY", streamId);
    if (this.#streams.count >= this.#settings.local.acceptedStreams) throw streamFault("H2_TOO_MANY_STREAMS", streamId);
    checkListSize(fields, streamId);
    checkRequest(fields, streamId);
    const length = contentLength(fields, streamId);
    if (endStream && length > 0) throw streamFault("H2_CONTENT_LENGTH", streamId, "a body is announced and none comes");
    const stream = this.#streams.add(streamId);
    stream.state = endStream ? StreamState.halfClosedRemote : StreamState.open;
    stream.hasHeaders = true;
    stream.contentLength = length;
    stream.outputAt = 0;
    stream.sendWindow = this.#flow.initialSendWindow;
    stream.receiveWindow = this.#flow.initialReceiveWindow;
    if (!endStream) stream.keepHeaders(fields);
    this.#handler.onRequestHeaders?.(streamId, fields, endStream);
    // The handler may have reset or answered the stream.
    if (endStream && stream.id === streamId) this.#handler.onRequest(streamId, fields, emptyBody);
    return true;
  }

  messageComplete(stream: Stream): void {
    if (stream.state === StreamState.closed) {
      // The response, sent before the request was complete, was the end of this stream's other side.
      this.#remove(stream);
      return;
    }
    if (isAnswered(stream)) return;
    const body = stream.receivedBody;
    stream.body = undefined;
    this.#handler.onRequest(stream.id, stream.headers!, body);
  }

  streamFailed(stream: Stream, error: Http2Error): void {
    markReported(error);
    const { id } = stream;
    this.#remove(stream);
    this.#handler.onStreamReset?.(id, error);
  }

  mayReceiveOnClosed(streamId: number): boolean {
    return streamId > this.#goAway.sentLastStreamId;
  }

  capacityChanged(): void {}

  /** Its last stream is one that a server has opened by PUSH_PROMISE: there is none. */
  goAwayReceived(): void {}

  /** The connection ends at once: a client that floods loses only its own requests. */
  floodExceeded(code: FloodCode): void {
    throw connectionFault(code);
  }

  /** Responses that are queued are true; they are still sent. */
  connectionFailing(): void {}

  #sendBody(stream: Stream, body: Uint8Array): void {
    stream.outputAt = this.#output.position;
    if (body.length === 0) this.#streams.endSent(stream);
    else this.#flow.sendBody(stream, body);
    this.#lifecycle.checkDrained();
  }

  #remove(stream: Stream): void {
    this.#flow.forget(stream);
    this.#streams.remove(stream);
    this.#lifecycle.checkDrained();
  }
}

/** Whether a final response was sent. Its position in the output is never 0: SETTINGS went before. */
function isAnswered(stream: Stream): boolean {
  return stream.outputAt !== 0;
}

function checkUnanswered(stream: Stream): void {
  if (isAnswered(stream)) throw usageFault(`stream ${stream.id} was answered already`);
}
