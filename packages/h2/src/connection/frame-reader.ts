import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { frameHeadBytes } from "../frame/frame-head.js";

/**
 * Octets in, whole frames out (RFC 9113 section 4.1). A frame that lies whole in a chunk is not copied; one that is cut
 * by the end of a chunk is, once its length was found acceptable.
 *
 * The frame read last is `source[start..end)`, its head included, so that reading allocates nothing.
 */
export class FrameReader {
  source: Buffer;
  start = 0;
  end = 0;
  /** Largest payload accepted (SETTINGS_MAX_FRAME_SIZE). */
  maxFrameBytes: number;
  /** The octets that must come before the first frame. */
  readonly #preface: string;
  #prefaceBytes = 0;
  /** The beginning of a frame whose end has not come. */
  #held: Buffer = Buffer.alloc(frameHeadBytes);
  #heldBytes = 0;

  constructor(preface: string, maxFrameBytes: number) {
    this.source = this.#held;
    this.#preface = preface;
    this.maxFrameBytes = maxFrameBytes;
  }

  /**
   * Reads what is left of the preface; the offset after it, or -1 if the chunk ends before.
   * @throws Http2Error H2_PREFACE
   */
  readPreface(chunk: Buffer): number {
    let offset = 0;
    while (this.#prefaceBytes < this.#preface.length) {
      if (offset === chunk.length) return -1;
      if (chunk[offset++] !== this.#preface.charCodeAt(this.#prefaceBytes++)) throw connectionFault("H2_PREFACE");
    }
    return offset;
  }

  /**
   * Reads the frame at `offset`. Returns the offset after it; or -1 if the chunk ends before the frame does, whose
   * beginning is kept then.
   * @throws Http2Error H2_FRAME_TOO_LARGE
   */
  next(chunk: Buffer, offset: number): number {
    if (this.#heldBytes > 0) return this.#completeHeld(chunk, offset);
    if (chunk.length - offset >= frameHeadBytes) {
      const next = offset + this.#frameBytes(chunk, offset);
      if (next <= chunk.length) {
        this.source = chunk;
        this.start = offset;
        this.end = next;
        return next;
      }
    }
    if (offset < chunk.length) this.#hold(chunk, offset, chunk.length);
    this.source = this.#held; // lets go of the chunk
    return -1;
  }

  /** Octets of the frame whose head is at `offset`. */
  #frameBytes(source: Buffer, offset: number): number {
    const length = (source[offset]! << 16) | (source[offset + 1]! << 8) | source[offset + 2]!;
    if (length > this.maxFrameBytes) throw connectionFault("H2_FRAME_TOO_LARGE", `${length} octets`);
    return length + frameHeadBytes;
  }

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
    this.source = this.#held;
    this.start = 0;
    this.end = frameBytes;
    return offset;
  }

  #hold(chunk: Buffer, from: number, to: number): number {
    const bytes = this.#heldBytes + to - from;
    if (bytes > this.#held.length) {
      // Grows with the octets received, not with the length announced, which is bounded as well.
      const grown = Buffer.allocUnsafeSlow(Math.min(this.maxFrameBytes + frameHeadBytes, Math.max(1024, bytes * 2)));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#heldBytes, from, to);
    this.#heldBytes = bytes;
    return to;
  }
}
