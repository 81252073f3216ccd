import { FrameType } from "../frame/frame-type.js";
import type { OutputQueue } from "../output/output-queue.js";
import { writeUint32Frame } from "../output/write-frame.js";

/**
 * The RST_STREAM frames of this side, and the streams they reset: frames that the peer sent before it read the
 * RST_STREAM are no violation (RFC 9113 section 5.1, "closed").
 */
export class Resets {
  /** The highest stream that was reset and is no longer remembered; 0 if there is none. */
  highestForgotten = 0;
  readonly #remembered: Set<number> = new Set();
  readonly #maxRemembered: number;
  readonly #output: OutputQueue;

  constructor(output: OutputQueue, maxRemembered: number) {
    this.#output = output;
    this.#maxRemembered = maxRemembered;
  }

  /** Whether this side has reset the stream; false again once it is forgotten. */
  has(streamId: number): boolean {
    return this.#remembered.size !== 0 && this.#remembered.has(streamId);
  }

  /** Queues RST_STREAM and remembers the stream. */
  send(streamId: number, http2ErrorCode: number): void {
    writeUint32Frame(this.#output, FrameType.RST_STREAM, streamId, http2ErrorCode);
    if (this.#remembered.size >= this.#maxRemembered) this.#forgetOldest();
    this.#remembered.add(streamId);
  }

  #forgetOldest(): void {
    for (const oldest of this.#remembered) {
      this.#remembered.delete(oldest);
      this.highestForgotten = Math.max(this.highestForgotten, oldest);
      return;
    }
  }
}
