import { Buffer } from "node:buffer";
import { connectionFault, Http2Error } from "../errors.js";
import { frameHeadBytes, writeFrameHead, writeUint32 } from "../frame/frame-head.js";
import { FrameType } from "../frame/frame-type.js";
import { encodeGoAwayFrame } from "../frame/go-away.js";
import { encodeSettingsFrame, type Setting } from "../frame/settings.js";
import { HpackEncoder } from "../hpack/encoder.js";
import { Http2ErrorCode } from "../http2-error-code.js";
import { FlowControl } from "./flow-control.js";
import type { ConnectionHandler } from "./handler.js";
import type { ResolvedConnectionOptions } from "./options.js";
import { OutputQueue } from "./output-queue.js";
import { Pings } from "./pings.js";
import { type Http2Settings, initialSettings, LocalSettings } from "./settings.js";
import { type Stream, StreamTable } from "./stream-table.js";

/** A body of no octets. */
export const emptyBody: Uint8Array = new Uint8Array(0);

/**
 * The half of a connection that speaks: output, control frames of our own, time, and the end. What it hears is in `Connection`.
 */
export abstract class ConnectionOutput {
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
  protected readonly connectionHandler: ConnectionHandler;
  protected readonly pings: Pings = new Pings();
  /** Streams reset here, the last ones: what the peer had already sent on them is no violation. */
  protected readonly resetIds: Set<number> = new Set();
  /** The highest of those that are remembered no more; 0 if there are none. */
  protected forgottenReset = 0;
  #drainedSaid = false;

  protected constructor(options: ResolvedConnectionOptions, handler: ConnectionHandler) {
    this.options = options;
    this.now = options.now;
    this.connectionHandler = handler;
    this.output = new OutputQueue(options.slabBytes);
    this.encoder = new HpackEncoder(options.encoderTableBytes);
    this.flow = new FlowControl(this.output, this.streams, options.connectionWindowBytes, (stream) =>
      this.bodySent(stream),
    );
  }

  /** The connection is over: by an error, or because the driver said so. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Streams open now. */
  get openStreams(): number {
    return this.streams.count;
  }

  /** The peer's settings in force. */
  get remoteSettings(): Http2Settings {
    return this.remote;
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

  /** The next time at which {@link onDeadline} has something to do, or undefined. */
  nextDeadline(): number | undefined {
    if (this.closed) return undefined;
    const settingsAt = this.localSettings.waitingSince;
    const pingAt = this.pings.waitingSince;
    if (settingsAt === undefined) return pingAt === undefined ? undefined : pingAt + this.options.pingTimeoutMs;
    const settingsBy = settingsAt + this.options.settingsTimeoutMs;
    return pingAt === undefined ? settingsBy : Math.min(settingsBy, pingAt + this.options.pingTimeoutMs);
  }

  /** Takes over the caller's time. The first time it is told, what was sent before is counted from there. */
  protected tellTime(now: number): void {
    if (Number.isNaN(this.now)) this.localSettings.startWaiting(now);
    this.now = now;
  }

  /** Time has passed: ends the connection if SETTINGS or PING went unanswered for too long. */
  onDeadline(now: number): void {
    if (this.closed) return;
    this.tellTime(now);
    const settingsAt = this.localSettings.waitingSince;
    const pingAt = this.pings.waitingSince;
    if (settingsAt !== undefined && now >= settingsAt + this.options.settingsTimeoutMs) {
      this.fail(connectionFault("H2_SETTINGS_TIMEOUT"));
    } else if (pingAt !== undefined && now >= pingAt + this.options.pingTimeoutMs) {
      this.fail(connectionFault("H2_PING_TIMEOUT"));
    }
  }

  /** Queues a PING (RFC 9113 section 6.7); false if too many are under way. The answer is reported by `onPingAck`. */
  ping(now: number): boolean {
    if (this.closed || this.pings.count >= this.options.maxOutstandingPings) return false;
    this.writeFrame(FrameType.PING, 0, 0, this.pings.next(now));
    return true;
  }

  /** Queues SETTINGS (RFC 9113 section 6.5). They are enforced once the peer has acknowledged them. */
  updateSettings(settings: readonly Setting[], now: number): void {
    if (this.closed) return;
    const before = this.localSettings.mostGenerous("maxFrameSize");
    this.localSettings.sent(settings, now);
    this.output.append(encodeSettingsFrame({ ack: false, settings }));
    this.acceptFrameBytes(Math.max(before, this.localSettings.mostGenerous("maxFrameSize")));
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

  /** A stream ends without completing: remove it and report it. */
  protected abstract endStream(stream: Stream, error: Http2Error): void;
  /** The last octet of a body that had to wait for a window was sent. */
  protected abstract bodySent(stream: Stream): void;
  /** The largest frame to be accepted has changed. */
  protected abstract acceptFrameBytes(bytes: number): void;

  /** The connection is about to end by an error; its GOAWAY is not queued yet. */
  protected abstract beforeFailing(): void;

  /** Ends the connection: GOAWAY first, then the streams, then the error. */
  protected fail(error: Http2Error): void {
    if (this.closed) return;
    this.beforeFailing();
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
    this.connectionHandler.onConnectionError?.(error);
  }

  /** Queues RST_STREAM and remembers it, so that what the peer had already sent is not taken for a violation. */
  protected writeReset(streamId: number, http2ErrorCode: number): void {
    const at = this.output.reserve(frameHeadBytes + 4);
    const payload = writeFrameHead(this.output.slab, at, 4, FrameType.RST_STREAM, 0, streamId);
    this.output.commit(writeUint32(this.output.slab, payload, http2ErrorCode));
    if (this.resetIds.size >= this.options.rememberedResets) {
      for (const oldest of this.resetIds) {
        this.resetIds.delete(oldest);
        this.forgottenReset = Math.max(this.forgottenReset, oldest);
        break;
      }
    }
    this.resetIds.add(streamId);
  }

  protected checkDrained(): void {
    if (!this.draining || this.#drainedSaid || this.closed || this.streams.count > 0) return;
    this.#drainedSaid = true;
    this.connectionHandler.onDrained?.();
  }
}
