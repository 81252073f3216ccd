import type { FloodCode } from "../connection/flood-guard.js";
import type { GoAway } from "../connection/go-away.js";
import type { ServerHandler } from "../connection/handler.js";
import type { Lifecycle } from "../connection/lifecycle.js";
import type { ResolvedServerOptions } from "../connection/options.js";
import type { ConnectionParts } from "../connection/parts.js";
import type { Resets } from "../connection/resets.js";
import type { Role } from "../connection/role.js";
import type { Settings } from "../connection/settings.js";
import { connectionFault, Http2Error, streamFault, usageFault } from "../errors.js";
import { SettingId } from "../frame/settings.js";
import type { HpackEncoder } from "../hpack/encoder.js";
import type { HeaderField, HeaderFields } from "../hpack/header-fields.js";
import { checkField } from "../message/ascii.js";
import { writeFields } from "../message/fields-writer.js";
import { checkListSize, checkRequest, contentLength } from "../message/message-rules.js";
import { writeTemplate } from "../message/template-writer.js";
import type { OutputQueue } from "../output/output-queue.js";
import { markReported } from "../reported-errors.js";
import type { BodyBudget } from "../streams/body-budget.js";
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
  readonly #resets: Resets;
  readonly #bodies: BodyBudget;
  readonly #handler: ServerHandler;
  readonly #withholdFrom: number;
  #isFull = false;
  /** Complete requests that the handler was not given, since responses wait: their streams, in order. */
  readonly #withheld: Set<number> = new Set();

  constructor(parts: ConnectionParts, options: ResolvedServerOptions, handler: ServerHandler) {
    this.#options = options;
    this.#output = parts.output;
    this.#encoder = parts.encoder;
    this.#streams = parts.streams;
    this.#flow = parts.flow;
    this.#settings = parts.settings;
    this.#lifecycle = parts.lifecycle;
    this.#goAway = parts.goAway;
    this.#resets = parts.resets;
    this.#bodies = parts.bodies;
    this.#handler = handler;
    this.#withholdFrom = options.maxQueuedResponseBytes / 4;
  }

  /** See {@link ServerConnection.isFull}. */
  get isFull(): boolean {
    return this.#isFull;
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
    if (this.#refuseResponse(stream)) return false;
    const isEnd = body.length === 0;
    writeTemplate(this.#output, this.#encoder, template, streamId, "", value1, value2, undefined, isEnd);
    this.#sendBody(stream, body);
    return true;
  }

  /** See {@link ServerConnection.respondFields}. */
  respondFields(streamId: number, fields: readonly HeaderField[], body: Uint8Array): boolean {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || this.#lifecycle.isClosed) return false;
    for (const [name, value] of fields) checkField(name, value);
    checkUnanswered(stream);
    if (this.#refuseResponse(stream)) return false;
    writeFields(this.#output, this.#encoder, this.#flow.maxFrameBytes, streamId, fields, body.length === 0);
    this.#sendBody(stream, body);
    return true;
  }

  /** See {@link ServerConnection.inform}. */
  inform(streamId: number, fields: readonly HeaderField[]): boolean {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || this.#lifecycle.isClosed || isAnswered(stream)) return false;
    if (this.#waitingBytes >= this.#options.maxQueuedResponseBytes) return false;
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
    if (!endStream || stream.id !== streamId) return true;
    if (this.#isFull) {
      stream.keepHeaders(fields);
      this.#withheld.add(streamId);
    } else this.#handler.onRequest(streamId, fields, emptyBody);
    return true;
  }

  messageComplete(stream: Stream): void {
    if (stream.state === StreamState.closed) {
      // The response, sent before the request was complete, was the end of this stream's other side.
      this.#remove(stream);
      return;
    }
    if (isAnswered(stream)) return;
    if (this.#isFull) this.#withheld.add(stream.id);
    else this.#handler.onRequest(stream.id, stream.headers!, stream.takeBody(this.#bodies));
  }

  streamFailed(stream: Stream, error: Http2Error): void {
    markReported(error);
    const { id } = stream;
    this.#withheld.delete(id);
    this.#remove(stream);
    this.#handler.onStreamReset?.(id, error);
  }

  mayReceiveOnClosed(streamId: number): boolean {
    return streamId > this.#goAway.sentLastStreamId;
  }

  capacityChanged(): void {}

  /** Hands over requests that were withheld, once half of the octets that filled the output are written. */
  roomChanged(): void {
    if (!this.#isFull || this.#lifecycle.isClosed || this.#waitingBytes * 2 > this.#withholdFrom) return;
    this.#isFull = false;
    this.#handler.onRoom?.();
    for (const streamId of this.#withheld) {
      // A handler may fill the output again.
      if (this.#isFull || this.#lifecycle.isClosed) return;
      this.#withheld.delete(streamId);
      const stream = this.#streams.get(streamId)!;
      this.#handler.onRequest(streamId, stream.headers!, stream.takeBody(this.#bodies));
    }
  }

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
    this.#withheld.delete(stream.id);
    if (body.length === 0) this.#streams.endSent(stream);
    else this.#flow.sendBody(stream, body);
    if (this.#waitingBytes >= this.#withholdFrom) this.#isFull = true;
    this.#lifecycle.checkDrained();
  }

  /** Octets of responses that were not written: in the output, or in bodies that wait for window. */
  get #waitingBytes(): number {
    return this.#output.unwrittenBytes + this.#flow.waitingBytes;
  }

  /** Resets the stream in place of its response if too many octets wait already. */
  #refuseResponse(stream: Stream): boolean {
    if (this.#waitingBytes < this.#options.maxQueuedResponseBytes) return false;
    const { id: streamId } = stream;
    const error = new Http2Error("H2_OUTPUT_FULL", "stream", { initiator: "local", streamId });
    this.#resets.send(streamId, error.http2ErrorCode);
    this.streamFailed(stream, error);
    return true;
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
