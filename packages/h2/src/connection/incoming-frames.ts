import { Buffer } from "node:buffer";
import { connectionFault, Http2Error, streamFault } from "../errors.js";
import { decodeContinuationFrame } from "../frame/continuation.js";
import { type FrameHead, frameHeadBytes, readFrameHead, readUint31 } from "../frame/frame-head.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { decodeGoAwayFrame } from "../frame/go-away.js";
import { readPadLength } from "../frame/padding.js";
import { decodePingFrame } from "../frame/ping.js";
import { decodePriorityFrame } from "../frame/priority.js";
import { decodeRstStreamFrame } from "../frame/rst-stream.js";
import { decodeSettingsFrame } from "../frame/settings.js";
import { checkListSize, checkTrailers } from "../message/message-rules.js";
import { isFault } from "../reported-errors.js";
import type { BodyBudget } from "../streams/body-budget.js";
import type { FlowControl } from "../streams/flow-control.js";
import type { Stream } from "../streams/stream.js";
import { nextStreamState, PEER_ENDED, StreamEvent } from "../streams/stream-state.js";
import type { StreamTable } from "../streams/stream-table.js";
import type { FloodCode, FloodGuard } from "./flood-guard.js";
import type { GoAway } from "./go-away.js";
import type { ConnectionHandler } from "./handler.js";
import type { HeaderReader } from "./header-reader.js";
import type { ConnectionParts } from "./parts.js";
import type { Pings } from "./pings.js";
import type { ReplyBudget } from "./reply-budget.js";
import type { Resets } from "./resets.js";
import type { Peer, Role } from "./role.js";
import type { Settings } from "./settings.js";

/**
 * What each frame does: it is checked against the state of the connection and of its stream, changes the parts, and is
 * passed on to the role or the handler. Stream errors are answered here, connection errors are thrown.
 */
export class IncomingFrames {
  /** The time of the chunk that is read, in milliseconds. */
  now: number = Number.NaN;
  readonly #peer: Peer;
  readonly #maxBodyBytes: number;
  readonly #headers: HeaderReader;
  readonly #settings: Settings;
  readonly #streams: StreamTable;
  readonly #bodies: BodyBudget;
  readonly #flow: FlowControl;
  readonly #resets: Resets;
  readonly #goAway: GoAway;
  readonly #pings: Pings;
  readonly #floods: FloodGuard;
  readonly #replies: ReplyBudget;
  readonly #role: Role;
  readonly #handler: ConnectionHandler;

  constructor(parts: ConnectionParts, role: Role, handler: ConnectionHandler) {
    this.#peer = parts.peer;
    this.#maxBodyBytes = parts.options.maxBodyBytes;
    this.#headers = parts.headers;
    this.#settings = parts.settings;
    this.#streams = parts.streams;
    this.#bodies = parts.bodies;
    this.#flow = parts.flow;
    this.#resets = parts.resets;
    this.#goAway = parts.goAway;
    this.#pings = parts.pings;
    this.#floods = parts.floods;
    this.#replies = parts.replies;
    this.#role = role;
    this.#handler = handler;
  }

  /**
   * Takes the frame `source[start..end)`, its head included.
   * @throws Http2Error a connection error
   */
  receive(source: Buffer, start: number, end: number): void {
    const type = source[start + 3]!;
    const flags = source[start + 4]!;
    const streamId = readUint31(source, start + 5);
    // RFC 9113 section 6.10: between HEADERS and END_HEADERS nothing but CONTINUATION of that stream
    const { continuedStreamId } = this.#headers;
    if (continuedStreamId !== 0 && (type !== FrameType.CONTINUATION || streamId !== continuedStreamId)) {
      throw connectionFault("H2_CONTINUATION");
    }
    if (!this.#settings.isRemoteKnown && (type !== FrameType.SETTINGS || (flags & FrameFlag.ACK) !== 0)) {
      throw connectionFault("H2_FIRST_FRAME");
    }
    const payload = start + frameHeadBytes;
    try {
      if (type === FrameType.HEADERS) {
        if (this.#headers.headers(source, payload, end, flags, streamId)) this.#headerList();
      } else if (type === FrameType.DATA) this.#data(source, payload, end, flags, streamId);
      else if (type === FrameType.WINDOW_UPDATE) this.#windowUpdate(source, payload, end, streamId);
      else this.#rareFrame(readFrameHead(source, start), source.subarray(payload, end));
    } catch (error) {
      if (!isFault(error, "stream")) throw error;
      this.#streamError(error);
    }
  }

  /** Answers a stream error with RST_STREAM and reports it. Each counts as a reset that the peer has caused. */
  #streamError(error: Http2Error): void {
    // RST_STREAM must not be sent for an idle stream (section 6.4): there it is an error of the connection.
    if (this.#streams.isIdle(error.streamId)) {
      const { code, http2ErrorCode, streamId } = error;
      throw new Http2Error(code, "connection", { http2ErrorCode, streamId });
    }
    this.#resets.send(error.streamId, error.http2ErrorCode);
    this.#replies.count();
    const stream = this.#streams.get(error.streamId);
    if (stream !== undefined) this.#role.streamFailed(stream, error);
    this.#take("H2_RESET_FLOOD");
  }

  #headerList(): void {
    const { fields, streamId, endStream, selfDependent } = this.#headers;
    if (this.#resets.has(streamId)) {
      this.#ignored();
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream?.hasHeaders === true) this.#trailers(stream, endStream);
    else if (stream === undefined && !this.#streams.isIdle(streamId)) this.#absentStream(streamId);
    else if (!this.#role.headersReceived(stream, streamId, fields, endStream, selfDependent)) this.#ignored();
  }

  #trailers(stream: Stream, endStream: boolean): void {
    const { fields } = this.#headers;
    if (nextStreamState(stream.state, StreamEvent.receiveHeaders) === PEER_ENDED) {
      throw streamFault("H2_STREAM_CLOSED", stream.id, "HEADERS after END_STREAM");
    }
    checkListSize(fields, stream.id);
    checkTrailers(fields, stream.id);
    if (!endStream) throw streamFault("H2_MALFORMED_MESSAGE", stream.id, "a second header list without END_STREAM");
    stream.receiveEnd();
    this.#role.messageComplete(stream);
  }

  #data(source: Buffer, payloadStart: number, payloadEnd: number, flags: number, streamId: number): void {
    if (streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "DATA on stream 0");
    let start = payloadStart;
    let end = payloadEnd;
    if (flags & FrameFlag.PADDED) {
      end -= readPadLength(source, start, end);
      start++;
    }
    // The whole payload counts, padding included; on the connection it counts even if the stream is closed (section
    // 6.9).
    this.#flow.receivedOnConnection(payloadEnd - payloadStart);
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#absentStream(streamId);
      return;
    }
    if (nextStreamState(stream.state, StreamEvent.receiveData) === PEER_ENDED) {
      throw streamFault("H2_STREAM_CLOSED", streamId, "DATA after END_STREAM");
    }
    this.#flow.receivedOnStream(stream, payloadEnd - payloadStart);
    if (!stream.hasHeaders) throw streamFault("H2_MALFORMED_MESSAGE", streamId, "DATA before the header list");
    const endStream = (flags & FrameFlag.END_STREAM) !== 0;
    if (end > start) stream.receiveBody(source, start, end, endStream, this.#maxBodyBytes, this.#bodies);
    else if (!endStream) this.#take("H2_EMPTY_DATA_FLOOD");
    if (endStream) {
      stream.receiveEnd();
      this.#role.messageComplete(stream);
    } else this.#flow.replenish(stream);
  }

  #windowUpdate(source: Buffer, start: number, end: number, streamId: number): void {
    if (streamId === 0) {
      this.#flow.connectionWindowUpdate(source, start, end);
      this.#role.capacityChanged();
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined && this.#streams.isIdle(streamId)) throw connectionFault("H2_IDLE_STREAM");
    this.#flow.streamWindowUpdate(stream, source, start, end, streamId);
    // In order on a closed stream (section 5.1), but many of them are work for nothing.
    if (stream === undefined) this.#ignored();
  }

  #rareFrame(head: FrameHead, payload: Buffer): void {
    switch (head.type) {
      case FrameType.SETTINGS:
        this.#settingsFrame(head, payload);
        break;
      case FrameType.PING:
        this.#ping(head, payload);
        break;
      case FrameType.RST_STREAM:
        this.#rstStream(head, payload);
        break;
      case FrameType.GOAWAY:
        this.#goAwayFrame(head, payload);
        break;
      case FrameType.CONTINUATION:
        this.#continuation(head, payload);
        break;
      case FrameType.PUSH_PROMISE:
        throw connectionFault("H2_PUSH_PROMISE");
      case FrameType.PRIORITY:
        decodePriorityFrame(head, payload);
        this.#ignored(); // priorities have no effect (section 5.3.2)
        break;
      default:
        this.#ignored(); // "Implementations MUST ignore and discard frames of unknown types" (section 4.1)
    }
  }

  #continuation(head: FrameHead, payload: Buffer): void {
    const { endHeaders } = decodeContinuationFrame(head, payload);
    if (this.#headers.continuation(payload, endHeaders)) this.#headerList();
  }

  #settingsFrame(head: FrameHead, payload: Buffer): void {
    const { ack, settings } = decodeSettingsFrame(head, payload);
    if (ack) {
      this.#settings.acknowledged();
      this.#handler.onSettingsAck?.(this.#settings.local.acknowledged);
    } else {
      this.#take("H2_SETTINGS_FLOOD");
      this.#settings.receive(settings);
      this.#handler.onSettings?.(this.#settings.remote);
      this.#role.capacityChanged();
    }
  }

  #ping(head: FrameHead, payload: Buffer): void {
    const { ack, opaque } = decodePingFrame(head, payload);
    this.#take("H2_PING_FLOOD");
    if (ack) {
      const roundTripMs = this.#pings.acknowledged(opaque, this.now);
      if (roundTripMs !== undefined) this.#handler.onPingAck?.(roundTripMs);
    } else this.#pings.acknowledge(opaque);
  }

  #rstStream(head: FrameHead, payload: Buffer): void {
    const { streamId, http2ErrorCode } = decodeRstStreamFrame(head, payload);
    if (this.#streams.isIdle(streamId)) throw connectionFault("H2_IDLE_STREAM");
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#ignored();
      return;
    }
    this.#role.streamFailed(stream, streamFault("H2_RESET_BY_PEER", streamId, undefined, http2ErrorCode));
    // A client that opens streams only to reset them floods. A server resets what this side has opened, at the pace of
    // this side: it may refuse a thousand streams at once.
    if (this.#peer === "client") this.#take("H2_RESET_FLOOD");
  }

  #goAwayFrame(head: FrameHead, payload: Buffer): void {
    const { lastStreamId, http2ErrorCode, debugData } = decodeGoAwayFrame(head, payload);
    this.#goAway.receive(lastStreamId);
    this.#handler.onGoAway?.({ lastStreamId, http2ErrorCode, debugData: Buffer.from(debugData) });
    this.#role.goAwayReceived(lastStreamId, http2ErrorCode);
  }

  /** HEADERS or DATA on a stream that is not open. */
  #absentStream(streamId: number): void {
    if (this.#streams.isIdle(streamId)) throw connectionFault("H2_IDLE_STREAM");
    if (!this.#resets.has(streamId) && !this.#role.mayReceiveOnClosed(streamId)) {
      throw connectionFault("H2_STREAM_CLOSED", `stream ${streamId}`);
    }
    this.#ignored();
  }

  /** A frame without effect. */
  #ignored(): void {
    if (!this.#floods.takeIgnored(this.now)) this.#role.floodExceeded("H2_IGNORED_FLOOD");
  }

  #take(code: FloodCode): void {
    if (!this.#floods.take(code, this.now)) this.#role.floodExceeded(code);
  }
}
