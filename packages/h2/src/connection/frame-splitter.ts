import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { frameHeadBytes } from "../frame/frame-head.js";

/** Called with each whole frame: head at `start`, payload behind it up to `end`. False stops. */
export type FrameSink = (source: Buffer, start: number, end: number) => boolean;

/**
 * Cuts a stream of octets into frames (RFC 9113 section 4.1). Whole frames are handed on where they lie; only one that is cut by
 * the border of a chunk is copied together, and never before its length was found acceptable.
 */
export class FrameSplitter {
  /** Largest payload accepted (SETTINGS_MAX_FRAME_SIZE). */
  maxFrameBytes: number;
  #held: Buffer = Buffer.alloc(frameHeadBytes);
  #heldBytes = 0;
  readonly #sink: FrameSink;

  constructor(maxFrameBytes: number, sink: FrameSink) {
    this.maxFrameBytes = maxFrameBytes;
    this.#sink = sink;
  }

  /** @throws Http2Error H2_FRAME_TOO_LARGE, and what the sink throws */
  push(chunk: Buffer, from: number): void {
    let offset = from;
    const end = chunk.length;
    if (this.#heldBytes > 0) {
      offset = this.#completeHeld(chunk, offset);
      if (offset < 0) return;
    }
    while (end - offset >= frameHeadBytes) {
      const next = offset + this.#frameBytes(chunk, offset);
      if (next > end) break;
      if (!this.#sink(chunk, offset, next)) return;
      offset = next;
    }
    if (offset < end) this.#hold(chunk, offset, end);
  }

  /** Octets of the frame whose head is at `offset`. */
  #frameBytes(source: Buffer, offset: number): number {
    const length = (source[offset]! << 16) | (source[offset + 1]! << 8) | source[offset + 2]!;
    if (length > this.maxFrameBytes) throw connectionFault("H2_FRAME_TOO_LARGE", `${length} octets`);
    return length + frameHeadBytes;
  }

  /** Adds to the frame held; returns the offset after it, or -1 if it is still not whole (or the sink has stopped). */
  #completeHeld(chunk: Buffer, from: number): number {
    let offset = from;
    if (this.#heldBytes < frameHeadBytes) {
      offset = this.#hold(chunk, offset, Math.min(chunk.length, offset + frameHeadBytes - this.#heldBytes));
      if (this.#heldBytes < frameHeadBytes) return -1;
    }
    const frameBytes = this.#frameBytes(this.#held, 0);
    offset = this.#hold(chunk, offset, Math.min(chunk.length, offset + frameBytes - this.#heldBytes));
    if (this.#heldBytes < frameBytes) return -1;
    this.#heldBytes = 0;
    return this.#sink(this.#held, 0, frameBytes) ? offset : -1;
  }

  #hold(chunk: Buffer, from: number, to: number): number {
    const bytes = this.#heldBytes + to - from;
    if (bytes > this.#held.length) {
      // Grows with what has come, not with what was announced; the announcement is bounded as well.
      const grown = Buffer.allocUnsafeSlow(Math.min(this.maxFrameBytes + frameHeadBytes, Math.max(1024, bytes * 2)));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#heldBytes, from, to);
    this.#heldBytes = bytes;
    return to;
  }
}
