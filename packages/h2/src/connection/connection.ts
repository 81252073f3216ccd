import { Buffer } from "node:buffer";
import { connectionFault, Http2Error } from "../errors.js";
import type { Setting } from "../frame/settings.js";
import { Http2ErrorCode } from "../http2-error-code.js";
import type { OutputQueue } from "../output/output-queue.js";
import { writeFrame } from "../output/write-frame.js";
import { isFault, markReported } from "../reported-errors.js";
import { emptyBody } from "../streams/stream.js";
import type { StreamTable } from "../streams/stream-table.js";
import type { FrameReader } from "./frame-reader.js";
import type { ConnectionHandler } from "./handler.js";
import type { Http2Settings } from "./http2-settings.js";
import { IncomingFrames } from "./incoming-frames.js";
import type { Lifecycle } from "./lifecycle.js";
import type { ConnectionParts } from "./parts.js";
import type { Role } from "./role.js";

/**
 * An HTTP/2 connection (RFC 9113) without sockets and timers: octets come in by {@link Connection.receive} and go out
 * by {@link Connection.takeOutput}, the time is an argument (milliseconds from any fixed origin), and everything else
 * is reported to the handler.
 *
 * ```
 *  octets ─▶ FrameReader ─▶ IncomingFrames ─▶ parts (settings, pings, flow …) ─▶ OutputQueue ─▶ octets
 *                                 └─▶ role (client or server) ─▶ handler
 * ```
 */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #lifecycle: Lifecycle;
  readonly #streams: StreamTable;
  readonly #frames: FrameReader;
  readonly #incoming: IncomingFrames;
  readonly #output: OutputQueue;
  readonly #role: Role;
  readonly #handler: ConnectionHandler;
  /** NaN until the driver has told the time. */
  #now: number;

  /** @internal Use `ClientConnection` or `ServerConnection`. */
  constructor(parts: ConnectionParts, role: Role, handler: ConnectionHandler) {
    this.#parts = parts;
    this.#lifecycle = parts.lifecycle;
    this.#streams = parts.streams;
    this.#frames = parts.frames;
    this.#incoming = new IncomingFrames(parts, role, handler);
    this.#output = parts.output;
    this.#role = role;
    this.#handler = handler;
    this.#now = parts.options.now;
    role.sendPreface(this.#now);
  }

  /** The connection has ended by an error, or because its transport connection has. */
  get isClosed(): boolean {
    return this.#lifecycle.isClosed;
  }

  /** Streams open now. */
  get openStreams(): number {
    return this.#streams.count;
  }

  /** The peer's settings in force. */
  get remoteSettings(): Http2Settings {
    return this.#parts.settings.remote;
  }

  /** Whether output waits to be taken. */
  get hasOutput(): boolean {
    return this.#output.queuedBytes > 0;
  }

  /** Octets that wait to be taken. */
  get queuedBytes(): number {
    return this.#output.queuedBytes;
  }

  /**
   * Takes octets from the peer; no reference to `chunk` is kept. Faults of the peer are reported, not thrown.
   *
   * @param now - the time in milliseconds
   * @throws what a handler throws; the connection is closed then
   */
  receive(chunk: Uint8Array, now: number): void {
    if (this.#lifecycle.isClosed) return;
    this.#tellTime(now);
    try {
      this.#receiveFrames(
        Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength),
      );
      this.#role.roomChanged();
    } catch (error) {
      this.#failBy(error);
    }
    this.#lifecycle.checkDrained();
  }

  /**
   * The oldest octets to be written, or undefined. They belong to the connection: write them and call
   * {@link outputWritten} when the write is over, once for each buffer, in order. May be called several times before
   * that.
   */
  takeOutput(): Buffer | undefined {
    return this.#output.take();
  }

  /** The oldest buffer taken has been written; its memory is used again. May call handlers of a server. @throws what they throw */
  outputWritten(): void {
    this.#output.written();
    try {
      this.#role.roomChanged();
    } catch (error) {
      this.#failBy(error);
    }
  }

  /** The time at which {@link onDeadline} must be called, or undefined. */
  nextDeadline(): number | undefined {
    if (this.#lifecycle.isClosed) return undefined;
    const settingsBy = this.#parts.settings.deadline;
    const pingBy = this.#parts.pings.deadline;
    if (settingsBy === undefined || pingBy === undefined) return settingsBy ?? pingBy;
    return Math.min(settingsBy, pingBy);
  }

  /** Ends the connection if SETTINGS or a PING has gone unacknowledged for too long. */
  onDeadline(now: number): void {
    if (this.#lifecycle.isClosed) return;
    this.#tellTime(now);
    const settingsBy = this.#parts.settings.deadline;
    const pingBy = this.#parts.pings.deadline;
    if (settingsBy !== undefined && now >= settingsBy) this.#fail(connectionFault("H2_SETTINGS_TIMEOUT"));
    else if (pingBy !== undefined && now >= pingBy) this.#fail(connectionFault("H2_PING_TIMEOUT"));
  }

  /**
   * Queues a PING (RFC 9113 section 6.7); false if too many are outstanding. `onPingAck` reports the acknowledgement.
   */
  ping(now: number): boolean {
    return !this.#lifecycle.isClosed && this.#parts.pings.send(now);
  }

  /** Queues SETTINGS (RFC 9113 section 6.5). They are enforced once the peer has acknowledged them. */
  updateSettings(settings: readonly Setting[], now: number): void {
    if (!this.#lifecycle.isClosed) this.#parts.settings.send(settings, now);
  }

  /**
   * Queues GOAWAY (RFC 9113 section 6.8). Open streams go on, `onDrained` reports the end of the last one. A client
   * opens no new streams; a server ignores those above `lastStreamId`.
   *
   * @param lastStreamId - the highest stream of the peer that is processed; by default the highest one it has opened
   */
  goAway(
    http2ErrorCode: number = Http2ErrorCode.NO_ERROR,
    debugData: Uint8Array = emptyBody,
    lastStreamId?: number,
  ): void {
    if (!this.#lifecycle.isClosed) this.#parts.goAway.send(http2ErrorCode, debugData, lastStreamId);
  }

  /**
   * Queues RST_STREAM (RFC 9113 section 6.4) and reports the end of the stream, with code H2_CANCELLED: to
   * `onRequestFailed` on a client, to `onStreamReset` on a server. False if the stream is not open.
   */
  resetStream(streamId: number, http2ErrorCode: number = Http2ErrorCode.CANCEL): boolean {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || this.#lifecycle.isClosed) return false;
    this.#parts.resets.send(streamId, http2ErrorCode);
    const error = new Http2Error("H2_CANCELLED", "stream", { initiator: "local", streamId, http2ErrorCode });
    this.#role.streamFailed(stream, error);
    this.#role.roomChanged();
    return true;
  }

  /**
   * The transport connection has ended. Open streams are reported as failed; `onConnectionError` is not called.
   * @param cause - becomes the cause of the errors reported
   */
  connectionLost(cause?: unknown): void {
    if (this.#lifecycle.isClosed) return;
    this.#lifecycle.close();
    this.#failStreams(new Http2Error("H2_CONNECTION_LOST", "connection", cause === undefined ? {} : { cause }));
  }

  /** Queues a frame as it is, valid or not, and changes no state: to simulate peers, faulty ones included. */
  writeFrame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    writeFrame(this.#output, type, flags, streamId, payload);
  }

  /** Queues octets as they are: to simulate peers that send no frames. */
  writeRaw(octets: Uint8Array): void {
    this.#output.append(octets);
  }

  #receiveFrames(chunk: Buffer): void {
    const frames = this.#frames;
    let offset = frames.readPreface(chunk);
    while (offset !== -1) {
      offset = frames.next(chunk, offset);
      if (offset === -1) return;
      this.#incoming.receive(frames.source, frames.start, frames.end);
      if (this.#lifecycle.isClosed) return;
    }
  }

  #tellTime(now: number): void {
    if (Number.isNaN(this.#now)) this.#parts.settings.local.startWaiting(now);
    this.#now = now;
    this.#incoming.now = now;
  }

  /** Ends the connection by what was thrown. @throws what a handler has thrown */
  #failBy(error: unknown): void {
    if (isFault(error, "connection")) {
      this.#fail(error);
      return;
    }
    // A handler threw. How far it got is unknown, so the connection cannot go on.
    this.#fail(new Http2Error("H2_HANDLER", "connection", { initiator: "local", cause: error }));
    throw error;
  }

  /** Ends the connection: GOAWAY is queued first, then the streams are reported, then the error. */
  #fail(error: Http2Error): void {
    if (this.#lifecycle.isClosed) return;
    this.#role.connectionFailing();
    this.#parts.goAway.sendFinal(error.http2ErrorCode, Buffer.from(error.code, "latin1"));
    markReported(error);
    this.#failStreams(error);
    this.#handler.onConnectionError?.(error);
  }

  #failStreams(error: Http2Error): void {
    for (const stream of this.#streams.all()) this.#role.streamFailed(stream, error);
  }
}
