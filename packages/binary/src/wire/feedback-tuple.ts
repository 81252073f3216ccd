// What the feedback service sends, without being asked, until it closes: one tuple per device on which the app is gone.
//
//   timestamp 4 (UNIX seconds, unsigned) │ tokenLength 2 │ token
//
// Source: Apple's archived "Binary Provider API", "The Feedback Service". There is no count and no end mark, so only the
// end of the stream tells a complete list from a cut one.
import { checkInteger } from "@apns/core/internal";
import { readUint16, readUint32, writeUint16, writeUint32 } from "./integers.js";

/** One entry of the feedback list. */
export interface FeedbackTuple {
  /** When APNs found that the app is not on the device any more; whole seconds, up to the year 2106. */
  readonly unregisteredAt: Date;
  /** Raw bytes, any length up to 65,535. */
  readonly deviceToken: Uint8Array;
}

const headerBytes = 6;

/**
 * The bytes of one feedback tuple.
 * @throws {InvalidArgumentError} if the instant or the device token does not fit
 */
export function encodeFeedbackTuple(tuple: FeedbackTuple): Uint8Array {
  const seconds = Math.floor(tuple.unregisteredAt.getTime() / 1000);
  const { length } = tuple.deviceToken;
  const bytes = new Uint8Array(headerBytes + checkInteger("deviceToken.length", length, 0, 0xffff));
  writeUint32(bytes, 0, checkInteger("unregisteredAt (in UNIX seconds)", seconds, 0, 0xffff_ffff));
  writeUint16(bytes, 4, length);
  bytes.set(tuple.deviceToken, headerBytes);
  return bytes;
}

/** A tuple that the end of the stream cut off. */
export interface CutFeedbackTuple {
  /** How much of it was read. */
  readonly receivedBytes: number;
  /** How long it says it is; `undefined` if even that was cut off. */
  readonly expectedBytes: number | undefined;
}

/** Reads feedback tuples, however they are cut. Holds at most one incomplete tuple (65,541 bytes). Never throws. */
export class FeedbackDecoder {
  #held: Uint8Array = new Uint8Array(64);
  #heldBytes = 0;

  /** Takes bytes from the feedback service and returns the tuples they complete. */
  receive(chunk: Uint8Array): FeedbackTuple[] {
    const tuples: FeedbackTuple[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#heldBytes === 0) {
        const size = sizeOf(chunk, offset, chunk.length);
        if (size !== undefined && offset + size <= chunk.length) {
          tuples.push(decode(chunk, offset, size));
          offset += size;
          continue;
        }
      }
      offset = this.#hold(chunk, offset);
      if (this.#heldBytes === sizeOf(this.#held, 0, this.#heldBytes)) {
        tuples.push(decode(this.#held, 0, this.#heldBytes));
        this.#heldBytes = 0;
      }
    }
    return tuples;
  }

  /** To be asked when the stream has ended: the tuple that was cut off, or `undefined` if the list is complete. */
  end(): CutFeedbackTuple | undefined {
    if (this.#heldBytes === 0) return undefined;
    return { receivedBytes: this.#heldBytes, expectedBytes: sizeOf(this.#held, 0, this.#heldBytes) };
  }

  /** Keeps what an incomplete tuple still needs of the chunk, header first; returns the offset behind it. */
  #hold(chunk: Uint8Array, offset: number): number {
    const needed = sizeOf(this.#held, 0, this.#heldBytes) ?? headerBytes;
    const taken = Math.min(needed - this.#heldBytes, chunk.length - offset);
    if (needed > this.#held.length) {
      const larger = new Uint8Array(needed);
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(chunk.subarray(offset, offset + taken), this.#heldBytes);
    this.#heldBytes += taken;
    return offset + taken;
  }
}

/** Size in bytes of the tuple that starts at `offset`, or `undefined` while its header is incomplete. */
function sizeOf(bytes: Uint8Array, offset: number, end: number): number | undefined {
  return end - offset < headerBytes ? undefined : headerBytes + readUint16(bytes, offset + 4);
}

function decode(bytes: Uint8Array, offset: number, size: number): FeedbackTuple {
  return {
    unregisteredAt: new Date(readUint32(bytes, offset) * 1000),
    deviceToken: bytes.slice(offset + headerBytes, offset + size),
  };
}
