// Flow control on both levels and in both directions (RFC 9113 sections 5.2 and 6.9).
import { connectionFault, streamFault } from "../errors.js";
import { frameHeadBytes, writeFrameHead, writeUint32 } from "../frame/frame-head.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { readWindowIncrement } from "../frame/window-update.js";
import type { OutputQueue } from "./output-queue.js";
import type { Stream, StreamTable } from "./stream-table.js";

const maxWindow = 0x7fff_ffff;
const defaultWindow = 65_535;

/** The windows, the bodies that wait for them, and the frames that both cause. */
export class FlowControl {
  /** Octets of DATA the peer's connection window allows. */
  sendWindow: number = defaultWindow;
  /** What a new stream may send at once (the peer's SETTINGS_INITIAL_WINDOW_SIZE). */
  initialSendWindow: number = defaultWindow;
  /** The peer's SETTINGS_MAX_FRAME_SIZE. */
  maxFrameBytes = 16_384;
  #receiveWindow: number = defaultWindow;
  #consumedBytes = 0;
  readonly #receiveTarget: number;
  readonly #queue: Stream[] = []; // streams with a body that waits for connection window, oldest first
  readonly #output: OutputQueue;
  readonly #streams: StreamTable;
  readonly #bodySent: (stream: Stream) => void;

  constructor(output: OutputQueue, streams: StreamTable, receiveTarget: number, bodySent: (stream: Stream) => void) {
    this.#output = output;
    this.#streams = streams;
    this.#receiveTarget = receiveTarget;
    this.#bodySent = bodySent;
  }

  /** Bodies wait because the connection window is used up. */
  get isBlocked(): boolean {
    return this.#queue.length > 0;
  }

  /** Queues the first WINDOW_UPDATE: the connection's window starts at 65,535 whatever SETTINGS says (section 6.9.2). */
  open(): void {
    if (this.#receiveTarget > defaultWindow) this.#writeUpdate(0, this.#receiveTarget - defaultWindow);
    this.#receiveWindow = this.#receiveTarget;
  }

  /** DATA has come. It counts as consumed at once: bodies are bounded by their own limit, not by withholding window. */
  receivedOnConnection(bytes: number): void {
    this.#receiveWindow -= bytes;
    if (this.#receiveWindow < 0) throw connectionFault("H2_WINDOW_EXCEEDED", "connection");
    this.#consumedBytes += bytes;
    // Half a window at a time: one small frame for many, and the peer never comes to a stop.
    if (this.#consumedBytes * 2 < this.#receiveTarget) return;
    this.#writeUpdate(0, this.#consumedBytes);
    this.#receiveWindow += this.#consumedBytes;
    this.#consumedBytes = 0;
  }

  receivedOnStream(stream: Stream, bytes: number): void {
    stream.receiveWindow -= bytes;
    if (stream.receiveWindow < 0) throw streamFault("H2_WINDOW_EXCEEDED", stream.id);
    stream.consumedBytes += bytes;
  }

  /** Grants a stream again what it has used, if that is half of its window. */
  grantOnStream(stream: Stream, initialWindow: number): void {
    if (stream.consumedBytes === 0 || stream.consumedBytes * 2 < initialWindow) return;
    this.#writeUpdate(stream.id, stream.consumedBytes);
    stream.receiveWindow += stream.consumedBytes;
    stream.consumedBytes = 0;
  }

  /** Our SETTINGS_INITIAL_WINDOW_SIZE has changed, acknowledged now. */
  adjustReceiveWindows(difference: number): void {
    if (difference !== 0) for (const stream of this.#streams.all()) stream.receiveWindow += difference;
  }

  /**
   * The peer's SETTINGS_INITIAL_WINDOW_SIZE: the windows of open streams move by the difference and may become negative
   * (section 6.9.2).
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

  /** Sends a body: as much as the windows allow now, the rest when they open. True if all of it went. */
  sendBody(stream: Stream, body: Uint8Array): boolean {
    stream.pending = body;
    stream.pendingOffset = 0;
    return this.#send(stream);
  }

  /** A stream has gone; it no longer waits. */
  forget(stream: Stream): void {
    if (!stream.isQueued) return;
    stream.isQueued = false;
    const index = this.#queue.indexOf(stream);
    if (index !== -1) this.#queue.splice(index, 1);
  }

  #resume(stream: Stream): void {
    if (stream.pending !== undefined && !stream.isQueued && this.#send(stream)) this.#bodySent(stream);
  }

  /** Writes DATA while the windows allow. A window of zero or less lets an empty last frame pass (section 6.9). */
  #send(stream: Stream): boolean {
    const body = stream.pending!;
    for (;;) {
      const rest = body.length - stream.pendingOffset;
      const bytes = Math.min(rest, this.sendWindow, stream.sendWindow, this.maxFrameBytes);
      if (bytes <= 0 && rest > 0) {
        if (stream.sendWindow > 0) {
          stream.isQueued = true;
          this.#queue.push(stream);
        }
        return false;
      }
      const isLast = bytes === rest;
      this.writeData(stream, body, stream.pendingOffset, bytes, isLast);
      stream.pendingOffset += bytes;
      if (isLast) {
        stream.pending = undefined;
        return true;
      }
    }
  }

  /** One DATA frame, counted against both windows. */
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
    const at = this.#output.reserve(frameHeadBytes + 4);
    const slab = this.#output.slab;
    this.#output.commit(
      writeUint32(slab, writeFrameHead(slab, at, 4, FrameType.WINDOW_UPDATE, 0, streamId), increment),
    );
  }
}
