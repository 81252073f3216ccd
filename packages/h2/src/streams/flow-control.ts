// Flow control on both levels and in both directions (RFC 9113 sections 5.2 and 6.9).

import { connectionFault, streamFault } from "../errors.js";
import { frameHeadBytes, writeFrameHead } from "../frame/frame-head.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { readWindowIncrement } from "../frame/window-update.js";
import type { OutputQueue } from "../output/output-queue.js";
import { writeUint32Frame } from "../output/write-frame.js";
import type { Stream } from "./stream.js";
import type { StreamTable } from "./stream-table.js";

const maxWindow = 0x7fff_ffff;
const defaultWindow = 65_535;

/** The windows, the bodies that wait for window, and the DATA and WINDOW_UPDATE frames of this side. */
export class FlowControl {
  /** Octets of DATA that the peer's connection window allows. */
  sendWindow: number = defaultWindow;
  /** Octets that a new stream may send (SETTINGS_INITIAL_WINDOW_SIZE of the peer). */
  initialSendWindow: number = defaultWindow;
  /** Octets that a new stream may receive (SETTINGS_INITIAL_WINDOW_SIZE of this side, once acknowledged). */
  initialReceiveWindow: number = defaultWindow;
  /** SETTINGS_MAX_FRAME_SIZE of the peer. */
  maxFrameBytes = 16_384;
  /** Octets of bodies that wait for window. */
  waitingBytes = 0;
  #receiveWindow: number = defaultWindow;
  /** Octets received for which no WINDOW_UPDATE was sent yet. */
  #consumedBytes = 0;
  readonly #maxReceiveWindow: number;
  /** Streams whose body waits for connection window, oldest first. */
  readonly #queue: Stream[] = [];
  readonly #output: OutputQueue;
  readonly #streams: StreamTable;

  constructor(output: OutputQueue, streams: StreamTable, maxReceiveWindow: number) {
    this.#output = output;
    this.#streams = streams;
    this.#maxReceiveWindow = maxReceiveWindow;
  }

  /** Bodies wait because the connection window is used up. */
  get isBlocked(): boolean {
    return this.#queue.length > 0;
  }

  /**
   * Queues the first WINDOW_UPDATE: the connection window starts at 65,535 octets, whatever SETTINGS say (section
   * 6.9.2).
   */
  openConnectionWindow(): void {
    if (this.#maxReceiveWindow > defaultWindow) this.#writeUpdate(0, this.#maxReceiveWindow - defaultWindow);
    this.#receiveWindow = this.#maxReceiveWindow;
  }

  /**
   * DATA has arrived. It counts as consumed at once: bodies have a limit of their own.
   * @throws Http2Error H2_WINDOW_EXCEEDED
   */
  receivedOnConnection(bytes: number): void {
    this.#receiveWindow -= bytes;
    if (this.#receiveWindow < 0) throw connectionFault("H2_WINDOW_EXCEEDED", "connection");
    this.#consumedBytes += bytes;
    // One WINDOW_UPDATE for half a window: few frames, and the peer never has to stop.
    if (this.#consumedBytes * 2 < this.#maxReceiveWindow) return;
    this.#writeUpdate(0, this.#consumedBytes);
    this.#receiveWindow += this.#consumedBytes;
    this.#consumedBytes = 0;
  }

  /** DATA has arrived on a stream. @throws Http2Error H2_WINDOW_EXCEEDED */
  receivedOnStream(stream: Stream, bytes: number): void {
    stream.receiveWindow -= bytes;
    if (stream.receiveWindow < 0) throw streamFault("H2_WINDOW_EXCEEDED", stream.id);
    stream.consumedBytes += bytes;
  }

  /** Gives a stream its window back once half of it is used up. */
  replenish(stream: Stream): void {
    if (stream.consumedBytes === 0 || stream.consumedBytes * 2 < this.initialReceiveWindow) return;
    this.#writeUpdate(stream.id, stream.consumedBytes);
    stream.receiveWindow += stream.consumedBytes;
    stream.consumedBytes = 0;
  }

  /**
   * SETTINGS_INITIAL_WINDOW_SIZE of this side was acknowledged: the windows of open streams change by the difference.
   */
  setInitialReceiveWindow(bytes: number): void {
    const difference = bytes - this.initialReceiveWindow;
    this.initialReceiveWindow = bytes;
    if (difference !== 0) for (const stream of this.#streams.all()) stream.receiveWindow += difference;
  }

  /**
   * SETTINGS_INITIAL_WINDOW_SIZE of the peer: the windows of open streams change by the difference and may become
   * negative (section 6.9.2).
   * @throws Http2Error H2_WINDOW_OVERFLOW
   */
  setInitialSendWindow(bytes: number): void {
    const difference = bytes - this.initialSendWindow;
    this.initialSendWindow = bytes;
    if (difference === 0) return;
    const streams = this.#streams.all();
    for (const stream of streams) {
      stream.sendWindow += difference;
      if (stream.sendWindow > maxWindow) throw connectionFault("H2_WINDOW_OVERFLOW", "by SETTINGS_INITIAL_WINDOW_SIZE");
    }
    if (difference > 0) for (const stream of streams) this.#resume(stream);
  }

  /** WINDOW_UPDATE on stream 0. @throws Http2Error H2_FRAME_SIZE, H2_WINDOW_INCREMENT, H2_WINDOW_OVERFLOW */
  connectionWindowUpdate(source: Uint8Array, start: number, end: number): void {
    const window = this.sendWindow + readWindowIncrement(source, start, end, 0);
    if (window > maxWindow) throw connectionFault("H2_WINDOW_OVERFLOW", "connection");
    this.sendWindow = window;
    while (this.#queue.length > 0 && this.sendWindow > 0) {
      const stream = this.#queue.shift()!;
      stream.isQueued = false;
      this.#resume(stream);
    }
  }

  /** WINDOW_UPDATE on a stream; `stream` is undefined if it is closed. @throws Http2Error as for the connection */
  streamWindowUpdate(
    stream: Stream | undefined,
    source: Uint8Array,
    start: number,
    end: number,
    streamId: number,
  ): void {
    const increment = readWindowIncrement(source, start, end, streamId);
    if (stream === undefined) return;
    const window = stream.sendWindow + increment;
    if (window > maxWindow) throw streamFault("H2_WINDOW_OVERFLOW", streamId);
    stream.sendWindow = window;
    this.#resume(stream);
  }

  /** Sends a body and END_STREAM: as much as the windows allow now, the rest when they open. */
  sendBody(stream: Stream, body: Uint8Array): void {
    stream.pending = body;
    stream.pendingOffset = 0;
    this.waitingBytes += body.length;
    this.#sendPending(stream);
  }

  /** The stream ends; it no longer waits for window. */
  forget(stream: Stream): void {
    if (stream.pending === undefined) return;
    this.waitingBytes -= stream.pending.length - stream.pendingOffset;
    stream.pending = undefined;
    if (!stream.isQueued) return;
    stream.isQueued = false;
    const index = this.#queue.indexOf(stream);
    if (index !== -1) this.#queue.splice(index, 1);
  }

  #resume(stream: Stream): void {
    if (stream.pending !== undefined && !stream.isQueued) this.#sendPending(stream);
  }

  /** Writes DATA while the windows allow. A window of zero or less lets an empty last frame pass (section 6.9). */
  #sendPending(stream: Stream): void {
    const body = stream.pending!;
    for (;;) {
      const rest = body.length - stream.pendingOffset;
      const bytes = Math.min(rest, this.sendWindow, stream.sendWindow, this.maxFrameBytes);
      if (bytes <= 0 && rest > 0) {
        if (stream.sendWindow > 0) {
          stream.isQueued = true;
          this.#queue.push(stream);
        }
        return;
      }
      const isLast = bytes === rest;
      this.writeData(stream, body, stream.pendingOffset, bytes, isLast);
      stream.pendingOffset += bytes;
      this.waitingBytes -= bytes;
      if (isLast) {
        stream.pending = undefined;
        this.#streams.endSent(stream);
        return;
      }
    }
  }

  /** Writes one DATA frame and counts it against both windows. */
  writeData(stream: Stream, body: Uint8Array, offset: number, bytes: number, endStream: boolean): void {
    const at = this.#output.reserve(frameHeadBytes + bytes);
    const slab = this.#output.slab;
    const start = writeFrameHead(slab, at, bytes, FrameType.DATA, endStream ? FrameFlag.END_STREAM : 0, stream.id);
    if (bytes > 0) slab.set(bytes === body.length ? body : body.subarray(offset, offset + bytes), start);
    this.#output.commit(start + bytes);
    this.sendWindow -= bytes;
    stream.sendWindow -= bytes;
  }

  #writeUpdate(streamId: number, increment: number): void {
    writeUint32Frame(this.#output, FrameType.WINDOW_UPDATE, streamId, increment);
  }
}
