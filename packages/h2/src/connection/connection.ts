import { Buffer } from "node:buffer";
import { connectionFault, Http2Error, streamFault } from "../errors.js";
import { decodeContinuationFrame } from "../frame/continuation.js";
import { frameHeadBytes, readFrameHead, readUint31 } from "../frame/frame-head.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { decodeGoAwayFrame } from "../frame/go-away.js";
import { readPadLength } from "../frame/padding.js";
import { decodePingFrame } from "../frame/ping.js";
import { decodePriorityFrame, priorityBytes } from "../frame/priority.js";
import { decodeRstStreamFrame } from "../frame/rst-stream.js";
import { decodeSettingsFrame, type Setting, SettingId } from "../frame/settings.js";
import { HpackDecoder } from "../hpack/decoder.js";
import { HeaderFields } from "../hpack/header-fields.js";
import { HpackError } from "../hpack/hpack-error.js";
import { ConnectionOutput, emptyBody } from "./connection-output.js";
import { type FloodCode, FloodGuard } from "./flood-guard.js";
import { FrameSplitter } from "./frame-splitter.js";
import type { ConnectionHandler } from "./handler.js";
import { HeaderBlock } from "./header-block.js";
import type { ResolvedConnectionOptions } from "./options.js";
import { applySettings, initialSettings } from "./settings.js";
import { nextStreamState, PEER_ENDED, StreamEvent } from "./stream-state.js";
import type { Stream } from "./stream-table.js";

/**
 * What client and server have in common: frames in, control frames answered, windows, limits, output.
 *
 * Sans-I/O. Octets come in by `receive`, octets go out by `takeOutput`, time comes in as an argument (milliseconds from any
 * fixed origin), everything else is said through the handler.
 */
export abstract class Connection extends ConnectionOutput {
  readonly #decoder: HpackDecoder;
  readonly #fields: HeaderFields = new HeaderFields();
  readonly #splitter: FrameSplitter;
  readonly #block: HeaderBlock;
  protected readonly floods: FloodGuard;
  #replyBytes = 0;
  #replyMark = 0;
  #goAwayReceived = 0x7fff_ffff;

  protected constructor(options: ResolvedConnectionOptions, handler: ConnectionHandler) {
    super(options, handler);
    this.#decoder = new HpackDecoder(initialSettings.headerTableSize, options.maxHeaderListBytes);
    this.#splitter = new FrameSplitter(initialSettings.maxFrameSize, (source, start, end) =>
      this.#frame(source, start, end),
    );
    this.#block = new HeaderBlock(options.maxHeaderBlockBytes, options.maxContinuationFrames);
    this.floods = new FloodGuard(options, (code) => this.floodExceeded(code));
  }

  /**
   * Octets from the peer. Nothing of `chunk` is referred to afterwards. The peer's faults are reported, not thrown.
   * @param now - the time in milliseconds
   */
  receive(chunk: Uint8Array, now: number): void {
    if (this.closed) return;
    this.tellTime(now);
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    try {
      const from = this.readPreface(buffer);
      if (from >= 0) this.#splitter.push(buffer, from);
    } catch (error) {
      if (error instanceof Http2Error && error.scope === "connection" && !this.reported.has(error)) this.fail(error);
      else {
        // A handler threw: what it had begun is unknown, so the connection cannot go on. The caller gets the exception.
        if (!this.closed) this.fail(new Http2Error("H2_HANDLER", "connection", { initiator: "local", cause: error }));
        throw error;
      }
    }
    if (this.draining) this.checkDrained();
  }

  protected override acceptFrameBytes(bytes: number): void {
    this.#splitter.maxFrameBytes = bytes;
  }

  /** Octets of the preface are consumed first; the offset of the first frame, or -1 if the chunk ends before it. */
  protected abstract readPreface(chunk: Buffer): number;
  /** A header block was decoded. `fields` must be copied to be kept. */
  protected abstract headersReceived(
    streamId: number,
    fields: HeaderFields,
    endStream: boolean,
    selfDependent: boolean,
  ): void;
  /** The peer has ended its side of a stream by a DATA frame; the body is complete. */
  protected abstract messageComplete(stream: Stream): void;
  /** Whether the peer, or we, have opened the stream at some time. */
  protected abstract isIdle(streamId: number): boolean;
  /** Refuses settings that this role must not be sent. */
  protected abstract checkRemoteSettings(pairs: readonly Setting[]): void;
  /** The peer's settings have changed. */
  protected abstract remoteSettingsChanged(): void;
  /** The peer sent GOAWAY. */
  protected abstract goAwayReceived(lastStreamId: number, http2ErrorCode: number): void;
  /** A window of the peer has opened. */
  protected abstract windowOpened(): void;
  /** The peer sends more of something than its budget allows; throws if that ends the connection at once. */
  protected abstract floodExceeded(code: FloodCode): void;

  /** The peer has reset an open stream. */
  protected resetReceived(): void {
    this.floods.reset(this.now);
  }

  /** One frame. False once the connection is over. */
  #frame(source: Buffer, start: number, end: number): boolean {
    const type = source[start + 3]!;
    const streamId = readUint31(source, start + 5);
    // RFC 9113 section 6.10: between HEADERS and END_HEADERS nothing but CONTINUATION of that stream
    if (this.#block.streamId !== 0 && (type !== FrameType.CONTINUATION || streamId !== this.#block.streamId)) {
      throw connectionFault("H2_CONTINUATION");
    }
    if (!this.settingsSeen && (type !== FrameType.SETTINGS || (source[start + 4]! & FrameFlag.ACK) !== 0)) {
      throw connectionFault("H2_FIRST_FRAME");
    }
    try {
      if (type === FrameType.HEADERS) this.#headers(source, start + frameHeadBytes, end, source[start + 4]!, streamId);
      else if (type === FrameType.DATA) this.#data(source, start + frameHeadBytes, end, source[start + 4]!, streamId);
      else if (type === FrameType.WINDOW_UPDATE) this.#windowUpdate(source, start + frameHeadBytes, end, streamId);
      else this.#rareFrame(source, start, end);
    } catch (error) {
      if (!(error instanceof Http2Error) || error.scope !== "stream" || this.reported.has(error)) throw error;
      this.#streamError(error);
    }
    return !this.closed;
  }

  /** A stream error: RST_STREAM, then the report. Each one counts as a reset the peer has caused. */
  #streamError(error: Http2Error): void {
    // RST_STREAM must not be sent for an idle stream (section 6.4), so there the error is the connection's.
    if (this.isIdle(error.streamId)) {
      throw new Http2Error(error.code, "connection", {
        http2ErrorCode: error.http2ErrorCode,
        streamId: error.streamId,
      });
    }
    this.writeReset(error.streamId, error.http2ErrorCode);
    this.countReply();
    const stream = this.streams.get(error.streamId);
    if (stream !== undefined) this.endStream(stream, error);
    this.floods.reset(this.now);
  }

  #headers(source: Buffer, payloadStart: number, payloadEnd: number, flags: number, streamId: number): void {
    if (streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "HEADERS on stream 0");
    let start = payloadStart;
    let end = payloadEnd;
    let selfDependent = false;
    if (flags & (FrameFlag.PADDED | FrameFlag.PRIORITY)) {
      if (flags & FrameFlag.PADDED) {
        end -= readPadLength(source, start, end);
        start++;
      }
      if (flags & FrameFlag.PRIORITY) {
        if (end - start < priorityBytes) throw connectionFault("H2_FRAME_SIZE", "no room for the priority fields");
        selfDependent = readUint31(source, start) === streamId;
        start += priorityBytes;
      }
    }
    const endStream = (flags & FrameFlag.END_STREAM) !== 0;
    if (flags & FrameFlag.END_HEADERS) this.#headerBlock(source, start, end, streamId, endStream, selfDependent);
    else {
      this.#block.begin(streamId, endStream, source, start, end);
      this.#block.selfDependent = selfDependent;
    }
  }

  #headerBlock(
    source: Buffer,
    start: number,
    end: number,
    streamId: number,
    endStream: boolean,
    selfDependent: boolean,
  ): void {
    if (end - start > this.options.maxHeaderBlockBytes) throw connectionFault("H2_HEADER_BLOCK_TOO_LARGE");
    try {
      this.#decoder.decode(source, start, end, this.#fields);
    } catch (error) {
      if (error instanceof HpackError) throw connectionFault("H2_COMPRESSION", error.message);
      throw error;
    }
    if (this.resetIds.size !== 0 && this.resetIds.has(streamId)) {
      this.ignored();
      return;
    }
    this.headersReceived(streamId, this.#fields, endStream, selfDependent);
  }

  /** The header list exceeds the limit: to be asked once the stream is known. */
  protected checkListSize(fields: HeaderFields, streamId: number): void {
    if (fields.isTooLarge) throw streamFault("H2_HEADER_LIST_TOO_LARGE", streamId);
  }

  #data(source: Buffer, payloadStart: number, payloadEnd: number, flags: number, streamId: number): void {
    if (streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "DATA on stream 0");
    let start = payloadStart;
    let end = payloadEnd;
    if (flags & FrameFlag.PADDED) {
      end -= readPadLength(source, start, end);
      start++;
    }
    // The whole payload counts, padding included, and on the connection it counts whatever becomes of the stream (section 6.9).
    this.flow.receivedOnConnection(payloadEnd - payloadStart);
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      this.absentStream(streamId);
      return;
    }
    const next = nextStreamState(stream.state, StreamEvent.receiveData);
    if (next === PEER_ENDED) throw streamFault("H2_STREAM_CLOSED", streamId, "DATA after END_STREAM");
    this.flow.receivedOnStream(stream, payloadEnd - payloadStart);
    if (!stream.hasHeaders) throw streamFault("H2_MALFORMED_MESSAGE", streamId, "DATA before the header list");
    const endStream = (flags & FrameFlag.END_STREAM) !== 0;
    if (end === start && !endStream) this.floods.emptyData(this.now);
    if (end > start) this.#collect(stream, source, start, end, endStream);
    if (!endStream) {
      this.flow.grantOnStream(stream, this.localSettings.acknowledged.initialWindowSize);
      return;
    }
    this.receivedEnd(stream);
    this.messageComplete(stream);
  }

  /** END_STREAM has come: the announced length must be what came. */
  protected receivedEnd(stream: Stream): void {
    if (stream.contentLength !== -1 && stream.contentLength !== stream.bodyBytes) {
      throw streamFault(
        "H2_CONTENT_LENGTH",
        stream.id,
        `${stream.contentLength} announced, ${stream.bodyBytes} received`,
      );
    }
    stream.state = nextStreamState(stream.state, StreamEvent.receiveEndStream);
  }

  /** The body collected so far, as a buffer that belongs to whoever is given it. */
  protected bodyOf(stream: Stream): Uint8Array {
    return stream.body === undefined ? emptyBody : stream.body.subarray(0, stream.bodyBytes);
  }

  #collect(stream: Stream, source: Buffer, start: number, end: number, isLast: boolean): void {
    const bytes = stream.bodyBytes + end - start;
    if (bytes > this.options.maxBodyBytes) throw streamFault("H2_BODY_TOO_LARGE", stream.id);
    if (stream.body === undefined || stream.body.length < bytes) {
      const grown = Buffer.allocUnsafe(isLast ? bytes : Math.min(this.options.maxBodyBytes, Math.max(512, bytes * 2)));
      stream.body?.copy(grown, 0, 0, stream.bodyBytes);
      stream.body = grown;
    }
    source.copy(stream.body, stream.bodyBytes, start, end);
    stream.bodyBytes = bytes;
  }

  /** HEADERS or DATA on a stream that is not open. */
  protected absentStream(streamId: number): void {
    if (this.isIdle(streamId)) throw connectionFault("H2_IDLE_STREAM");
    if (this.resetIds.has(streamId)) {
      this.ignored();
      return;
    }
    this.closedStreamFrame(streamId);
  }

  /** A frame with content on a stream that has ended in order, or so long ago that nobody remembers. */
  protected closedStreamFrame(streamId: number): void {
    throw connectionFault("H2_STREAM_CLOSED", `stream ${streamId}`);
  }

  /** A frame that changes nothing. */
  protected ignored(): void {
    this.floods.ignored(this.now);
  }

  #windowUpdate(source: Buffer, start: number, end: number, streamId: number): void {
    if (streamId === 0) {
      this.flow.connectionWindowUpdate(source, start, end);
      this.windowOpened();
      return;
    }
    const stream = this.streams.get(streamId);
    if (stream === undefined && this.isIdle(streamId)) throw connectionFault("H2_IDLE_STREAM");
    this.flow.streamWindowUpdate(stream, source, start, end, streamId);
    // Late ones for closed streams are in order (section 5.1), many of them are still only work.
    if (stream === undefined) this.ignored();
  }

  #rareFrame(source: Buffer, start: number, end: number): void {
    const head = readFrameHead(source, start);
    const payload = source.subarray(start + frameHeadBytes, end);
    if (head.type === FrameType.SETTINGS) {
      const frame = decodeSettingsFrame(head, payload);
      if (frame.ack) this.#settingsAcknowledged();
      else this.#settingsReceived(frame.settings);
    } else if (head.type === FrameType.PING) {
      const frame = decodePingFrame(head, payload);
      this.floods.ping(this.now);
      if (frame.ack) {
        const roundTripMs = this.pings.answered(frame.opaque, this.now);
        if (roundTripMs !== undefined) this.connectionHandler.onPingAck?.(roundTripMs);
      } else {
        this.writeFrame(FrameType.PING, FrameFlag.ACK, 0, frame.opaque);
        this.countReply();
      }
    } else if (head.type === FrameType.RST_STREAM) {
      const frame = decodeRstStreamFrame(head, payload);
      if (this.isIdle(frame.streamId)) throw connectionFault("H2_IDLE_STREAM");
      const stream = this.streams.get(frame.streamId);
      if (stream === undefined) {
        this.ignored();
        return;
      }
      const error = streamFault("H2_RESET_BY_PEER", frame.streamId, undefined, frame.http2ErrorCode);
      stream.state = nextStreamState(stream.state, StreamEvent.receiveReset);
      this.endStream(stream, error);
      this.resetReceived();
    } else if (head.type === FrameType.GOAWAY) {
      const frame = decodeGoAwayFrame(head, payload);
      if (frame.lastStreamId > this.#goAwayReceived) throw connectionFault("H2_GOAWAY_INCREASED");
      this.#goAwayReceived = frame.lastStreamId;
      this.draining = true;
      this.connectionHandler.onGoAway?.({ ...frame, debugData: Buffer.from(frame.debugData) });
      this.goAwayReceived(frame.lastStreamId, frame.http2ErrorCode);
    } else if (head.type === FrameType.CONTINUATION) {
      const frame = decodeContinuationFrame(head, payload);
      const block = this.#block;
      if (block.streamId === 0) throw connectionFault("H2_CONTINUATION");
      block.continue(source, start + frameHeadBytes, end);
      if (!frame.endHeaders) return;
      block.streamId = 0;
      this.#headerBlock(block.octets, 0, block.length, head.streamId, block.endStream, block.selfDependent);
    } else if (head.type === FrameType.PUSH_PROMISE) {
      throw connectionFault("H2_PUSH_PROMISE");
    } else {
      // PRIORITY has no effect (section 5.3.2), unknown types are skipped (section 4.1)
      if (head.type === FrameType.PRIORITY) decodePriorityFrame(head, payload);
      this.ignored();
    }
  }

  #settingsReceived(pairs: readonly Setting[]): void {
    this.floods.settings(this.now);
    this.checkRemoteSettings(pairs);
    const before = this.remote;
    this.remote = applySettings(before, pairs);
    this.settingsSeen = true;
    // Each value in turn, not only the last: a table that was to be small for a moment must have been (RFC 7541 section 4.2).
    for (const [id, value] of pairs) if (id === SettingId.HEADER_TABLE_SIZE) this.encoder.setPeerLimit(value);
    this.flow.maxFrameBytes = this.remote.maxFrameSize;
    // Before any DATA that a larger window lets go: the peer holds us to its new values from the acknowledgement on.
    this.writeFrame(FrameType.SETTINGS, FrameFlag.ACK, 0, emptyBody);
    this.countReply();
    this.flow.setInitialSendWindow(this.remote.initialWindowSize);
    this.connectionHandler.onSettings?.(this.remote);
    this.remoteSettingsChanged();
  }

  #settingsAcknowledged(): void {
    const before = this.localSettings.acknowledged;
    this.localSettings.acknowledge();
    const now = this.localSettings.acknowledged;
    this.#splitter.maxFrameBytes = this.localSettings.mostGenerous("maxFrameSize");
    if (now.headerTableSize !== before.headerTableSize) this.#decoder.setTableLimit(now.headerTableSize);
    this.flow.adjustReceiveWindows(now.initialWindowSize - before.initialWindowSize);
    this.connectionHandler.onSettingsAck?.(now);
  }

  /** An answer was queued that the peer has caused: too many unread ones end the connection. */
  protected countReply(): void {
    // What was taken since is the driver's; what has gathered since then is what the peer does not read.
    if (this.output.taken !== this.#replyMark) {
      this.#replyMark = this.output.taken;
      this.#replyBytes = 0;
    }
    this.#replyBytes += 17;
    if (this.#replyBytes > this.options.maxQueuedReplyBytes) throw connectionFault("H2_OUTPUT_FLOOD");
  }
}
