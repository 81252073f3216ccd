import { Buffer } from "node:buffer";
import { connectionFault, Http2Error, streamFault, usageFault } from "../errors.js";
import { decodeContinuationFrame } from "../frame/continuation.js";
import { frameHeadBytes, readFrameHead, readUint31, writeFrameHead, writeUint32 } from "../frame/frame-head.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { decodeGoAwayFrame, encodeGoAwayFrame } from "../frame/go-away.js";
import { readPadLength } from "../frame/padding.js";
import { decodePingFrame } from "../frame/ping.js";
import { decodePriorityFrame, priorityBytes } from "../frame/priority.js";
import { decodeRstStreamFrame } from "../frame/rst-stream.js";
import { decodeSettingsFrame, encodeSettingsFrame, type Setting, SettingId } from "../frame/settings.js";
import { HpackDecoder } from "../hpack/decoder.js";
import { HpackEncoder } from "../hpack/encoder.js";
import { HeaderFields } from "../hpack/header-fields.js";
import { HpackError } from "../hpack/hpack-error.js";
import { Http2ErrorCode } from "../http2-error-code.js";
import { FlowControl } from "./flow-control.js";
import { FrameSplitter } from "./frame-splitter.js";
import type { ConnectionHandler } from "./handler.js";
import { HeaderBlock } from "./header-block.js";
import type { ResolvedConnectionOptions } from "./options.js";
import { OutputQueue } from "./output-queue.js";
import { Pings } from "./pings.js";
import { applySettings, type Http2Settings, initialSettings, LocalSettings } from "./settings.js";
import { nextStreamState, PEER_ENDED, StreamEvent, StreamState } from "./stream-state.js";
import { type Stream, StreamTable } from "./stream-table.js";
import { TokenBucket } from "./token-bucket.js";

/** A body of no octets. */
export const emptyBody: Uint8Array = new Uint8Array(0);

/**
 * What client and server have in common: frames in, control frames answered, windows, limits, output.
 *
 * Sans-I/O. Octets come in by `receive`, octets go out by `takeOutput`, time comes in as an argument (milliseconds from any
 * fixed origin), everything else is said through the handler.
 */
export abstract class Connection {
  protected readonly options: ResolvedConnectionOptions;
  protected readonly output: OutputQueue;
  protected readonly streams: StreamTable = new StreamTable();
  protected readonly encoder: HpackEncoder;
  protected readonly flow: FlowControl;
  protected readonly localSettings: LocalSettings = new LocalSettings();
  protected remote: Http2Settings = initialSettings;
  /** The peer's first SETTINGS have come. */
  protected settingsSeen = false;
  protected now: number;
  protected closed = false;
  /** GOAWAY was sent or received: no new streams. */
  protected draining = false;
  /** Errors the handler was given: if it throws one of them back, that is its own doing and no fault of the peer. */
  protected readonly reported: WeakSet<Http2Error> = new WeakSet();
  /** Highest stream the peer has opened. */
  protected lastPeerStreamId = 0;
  readonly #handler: ConnectionHandler;
  readonly #decoder: HpackDecoder;
  readonly #fields: HeaderFields = new HeaderFields();
  readonly #splitter: FrameSplitter;
  readonly #block: HeaderBlock;
  readonly #pings: Pings = new Pings();
  readonly #settingsBucket: TokenBucket;
  readonly #pingBucket: TokenBucket;
  readonly #resetBucket: TokenBucket;
  readonly #emptyDataBucket: TokenBucket;
  readonly #ignoredBucket: TokenBucket;
  readonly #resetIds: Set<number> = new Set();
  #replyBytes = 0;
  #replyMark = 0;
  #goAwayReceived = 0x7fff_ffff;
  #drainedSaid = false;

  protected constructor(options: ResolvedConnectionOptions, handler: ConnectionHandler) {
    this.options = options;
    this.now = options.now;
    this.#handler = handler;
    this.output = new OutputQueue(options.slabBytes);
    this.encoder = new HpackEncoder(options.encoderTableBytes);
    this.#decoder = new HpackDecoder(initialSettings.headerTableSize, options.maxHeaderListBytes);
    this.flow = new FlowControl(this.output, this.streams, options.connectionWindowBytes, (stream) =>
      this.bodySent(stream),
    );
    this.#splitter = new FrameSplitter(initialSettings.maxFrameSize, (source, start, end) =>
      this.#frame(source, start, end),
    );
    this.#block = new HeaderBlock(options.maxHeaderBlockBytes, options.maxContinuationFrames);
    this.#settingsBucket = new TokenBucket(options.settingsRate);
    this.#pingBucket = new TokenBucket(options.pingRate);
    this.#resetBucket = new TokenBucket(options.resetRate);
    this.#emptyDataBucket = new TokenBucket(options.emptyDataRate);
    this.#ignoredBucket = new TokenBucket(options.ignoredRate);
  }

  /** The connection is over: by an error, or because the driver said so. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** No new streams: GOAWAY was sent or received, or the connection is over. */
  get isDraining(): boolean {
    return this.draining || this.closed;
  }

  /** Streams open now. */
  get openStreams(): number {
    return this.streams.count;
  }

  /** The peer's settings in force. */
  get remoteSettings(): Http2Settings {
    return this.remote;
  }

  /** Our settings in force, that is, acknowledged. */
  get acknowledgedSettings(): Http2Settings {
    return this.localSettings.acknowledged;
  }

  /** Octets the peer's connection window still allows us to send as DATA. */
  get sendWindowBytes(): number {
    return this.flow.sendWindow;
  }

  /** There is something to write. */
  get hasOutput(): boolean {
    return this.output.queuedBytes > 0;
  }

  /** Octets waiting to be taken. */
  get queuedBytes(): number {
    return this.output.queuedBytes;
  }

  /**
   * The oldest octets to be written, or undefined. They belong to the machine: write them and call {@link outputWritten} when
   * the write is over, once for each buffer, in order. May be called several times before that.
   */
  takeOutput(): Buffer | undefined {
    return this.output.take();
  }

  /** The oldest buffer taken has been written; its memory is used again. */
  outputWritten(): void {
    this.output.written();
  }

  /**
   * Octets from the peer. Nothing of `chunk` is referred to afterwards. The peer's faults are reported, not thrown.
   * @param now - the time in milliseconds
   */
  receive(chunk: Uint8Array, now: number): void {
    if (this.closed) return;
    this.now = now;
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

  /** The next time at which {@link onDeadline} has something to do, or undefined. */
  nextDeadline(): number | undefined {
    if (this.closed) return undefined;
    const settingsAt = this.localSettings.waitingSince;
    const pingAt = this.#pings.waitingSince;
    if (settingsAt === undefined) return pingAt === undefined ? undefined : pingAt + this.options.pingTimeoutMs;
    const settingsBy = settingsAt + this.options.settingsTimeoutMs;
    return pingAt === undefined ? settingsBy : Math.min(settingsBy, pingAt + this.options.pingTimeoutMs);
  }

  /** Time has passed: ends the connection if SETTINGS or PING went unanswered for too long. */
  onDeadline(now: number): void {
    if (this.closed) return;
    this.now = now;
    const settingsAt = this.localSettings.waitingSince;
    const pingAt = this.#pings.waitingSince;
    if (settingsAt !== undefined && now >= settingsAt + this.options.settingsTimeoutMs) {
      this.fail(connectionFault("H2_SETTINGS_TIMEOUT"));
    } else if (pingAt !== undefined && now >= pingAt + this.options.pingTimeoutMs) {
      this.fail(connectionFault("H2_PING_TIMEOUT"));
    }
  }

  /** Queues a PING (RFC 9113 section 6.7); false if too many are under way. The answer is reported by `onPingAck`. */
  ping(now: number): boolean {
    if (this.closed || this.#pings.count >= this.options.maxOutstandingPings) return false;
    this.writeFrame(FrameType.PING, 0, 0, this.#pings.next(now));
    return true;
  }

  /** Queues SETTINGS (RFC 9113 section 6.5). They are enforced once the peer has acknowledged them. */
  updateSettings(settings: readonly Setting[], now: number): void {
    if (this.closed) return;
    const before = this.localSettings.mostGenerous("maxFrameSize");
    this.localSettings.sent(settings, now);
    this.output.append(encodeSettingsFrame({ ack: false, settings }));
    this.#splitter.maxFrameBytes = Math.max(before, this.localSettings.mostGenerous("maxFrameSize"));
  }

  /** Queues GOAWAY (RFC 9113 section 6.8): no new streams from now on, open ones finish. `onDrained` says when. */
  goAway(
    http2ErrorCode: number = Http2ErrorCode.NO_ERROR,
    debugData: Uint8Array = emptyBody,
    lastStreamId?: number,
  ): void {
    if (this.closed) return;
    this.draining = true;
    this.output.append(
      encodeGoAwayFrame({ lastStreamId: lastStreamId ?? this.lastPeerStreamId, http2ErrorCode, debugData }),
    );
    this.checkDrained();
  }

  /**
   * The transport connection has ended. Open streams are reported as failed, `onConnectionError` is not called.
   * @param cause - kept as the cause of the errors reported
   */
  connectionLost(cause?: unknown): void {
    if (this.closed) return;
    this.closed = true;
    const error = new Http2Error("H2_CONNECTION_LOST", "connection", cause === undefined ? {} : { cause });
    for (const stream of this.streams.all()) this.endStream(stream, error);
  }

  /** Queues a frame as it is, right or wrong, without any state: for simulating peers, faulty ones included. */
  writeFrame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    const at = this.output.reserve(frameHeadBytes + payload.length);
    const start = writeFrameHead(this.output.slab, at, payload.length, type, flags, streamId);
    this.output.slab.set(payload, start);
    this.output.commit(start + payload.length);
  }

  /** Queues octets as they are: for simulating peers that do not even frame. */
  writeRaw(octets: Uint8Array): void {
    this.output.append(octets);
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
  /** A stream ends without completing: remove it and report it. */
  protected abstract endStream(stream: Stream, error: Http2Error): void;
  /** Whether the peer, or we, have opened the stream at some time. */
  protected abstract isIdle(streamId: number): boolean;
  /** The last octet of a body that had to wait for a window was sent. */
  protected abstract bodySent(stream: Stream): void;
  /** Refuses settings that this role must not be sent. */
  protected abstract checkRemoteSettings(pairs: readonly Setting[]): void;
  /** The peer's settings have changed. */
  protected abstract remoteSettingsChanged(): void;
  /** The peer sent GOAWAY. */
  protected abstract goAwayReceived(lastStreamId: number, http2ErrorCode: number): void;
  /** A window of the peer has opened. */
  protected abstract windowOpened(): void;

  /** Ends the connection: GOAWAY first, then the streams, then the error. */
  protected fail(error: Http2Error): void {
    if (this.closed) return;
    this.output.append(
      encodeGoAwayFrame({
        lastStreamId: this.lastPeerStreamId,
        http2ErrorCode: error.http2ErrorCode,
        debugData: Buffer.from(error.code, "latin1"),
      }),
    );
    this.closed = true;
    this.reported.add(error);
    for (const stream of this.streams.all()) this.endStream(stream, error);
    this.#handler.onConnectionError?.(error);
  }

  /** Queues RST_STREAM and remembers it, so that what the peer had already sent is not taken for a violation. */
  protected writeReset(streamId: number, http2ErrorCode: number): void {
    const at = this.output.reserve(frameHeadBytes + 4);
    const payload = writeFrameHead(this.output.slab, at, 4, FrameType.RST_STREAM, 0, streamId);
    this.output.commit(writeUint32(this.output.slab, payload, http2ErrorCode));
    if (this.#resetIds.size >= this.options.rememberedResets) {
      for (const oldest of this.#resetIds) {
        this.#resetIds.delete(oldest);
        break;
      }
    }
    this.#resetIds.add(streamId);
  }

  protected checkDrained(): void {
    if (!this.draining || this.#drainedSaid || this.closed || this.streams.count > 0) return;
    this.#drainedSaid = true;
    this.#handler.onDrained?.();
  }

  /** The peer has had one more stream reset, by asking or by a fault. */
  protected countReset(): void {
    if (!this.#resetBucket.take(this.now)) throw connectionFault("H2_RESET_FLOOD");
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
    this.countReset();
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
    if (this.#resetIds.size !== 0 && this.#resetIds.has(streamId)) {
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
    if (end === start && !endStream && !this.#emptyDataBucket.take(this.now))
      throw connectionFault("H2_EMPTY_DATA_FLOOD");
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
    if (this.#resetIds.has(streamId)) {
      this.ignored();
      return;
    }
    this.closedStreamFrame(streamId);
  }

  /** A frame with content on a stream that has ended in order, or so long ago that nobody remembers. */
  protected closedStreamFrame(streamId: number): void {
    throw connectionFault("H2_STREAM_CLOSED", `stream ${streamId}`);
  }

  protected ignored(): void {
    if (!this.#ignoredBucket.take(this.now)) throw connectionFault("H2_IGNORED_FLOOD");
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
      if (!this.#pingBucket.take(this.now)) throw connectionFault("H2_PING_FLOOD");
      if (frame.ack) {
        const roundTripMs = this.#pings.answered(frame.opaque, this.now);
        if (roundTripMs !== undefined) this.#handler.onPingAck?.(roundTripMs);
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
      this.countReset();
    } else if (head.type === FrameType.GOAWAY) {
      const frame = decodeGoAwayFrame(head, payload);
      if (frame.lastStreamId > this.#goAwayReceived) throw connectionFault("H2_GOAWAY_INCREASED");
      this.#goAwayReceived = frame.lastStreamId;
      this.draining = true;
      this.#handler.onGoAway?.({ ...frame, debugData: Buffer.from(frame.debugData) });
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
    if (!this.#settingsBucket.take(this.now)) throw connectionFault("H2_SETTINGS_FLOOD");
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
    this.#handler.onSettings?.(this.remote);
    this.remoteSettingsChanged();
  }

  #settingsAcknowledged(): void {
    const before = this.localSettings.acknowledged;
    this.localSettings.acknowledge();
    const now = this.localSettings.acknowledged;
    this.#splitter.maxFrameBytes = this.localSettings.mostGenerous("maxFrameSize");
    if (now.headerTableSize !== before.headerTableSize) this.#decoder.setTableLimit(now.headerTableSize);
    this.flow.adjustReceiveWindows(now.initialWindowSize - before.initialWindowSize);
    this.#handler.onSettingsAck?.(now);
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

  /** @throws Http2Error H2_USAGE for a stream that is not open */
  protected openStream(streamId: number): Stream {
    const stream = this.streams.get(streamId);
    if (stream === undefined || stream.state === StreamState.closed) throw usageFault(`stream ${streamId} is not open`);
    return stream;
  }
}
