import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";

/** Joins the fragments of a header block that came in more than one frame (RFC 9113 section 4.3), within limits. */
export class HeaderBlock {
  /** The stream that must go on with CONTINUATION now; 0 if none. */
  streamId = 0;
  endStream = false;
  /** The HEADERS frame made its stream depend on itself; to be said once the block is decoded. */
  selfDependent = false;
  octets: Buffer = Buffer.alloc(0);
  length = 0;
  #frames = 0;
  readonly #maxBytes: number;
  readonly #maxFrames: number;

  constructor(maxBytes: number, maxFrames: number) {
    this.#maxBytes = maxBytes;
    this.#maxFrames = maxFrames;
  }

  /** A HEADERS frame without END_HEADERS. */
  begin(streamId: number, endStream: boolean, source: Buffer, start: number, end: number): void {
    this.streamId = streamId;
    this.endStream = endStream;
    this.length = 0;
    this.#frames = 0;
    this.#append(source, start, end);
  }

  /** A CONTINUATION frame. */
  continue(source: Buffer, start: number, end: number): void {
    if (++this.#frames > this.#maxFrames) throw connectionFault("H2_CONTINUATION_FLOOD");
    this.#append(source, start, end);
  }

  #append(source: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.#maxBytes) throw connectionFault("H2_HEADER_BLOCK_TOO_LARGE");
    if (length > this.octets.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(1024, length * 2)));
      this.octets.copy(grown, 0, 0, this.length);
      this.octets = grown;
    }
    source.copy(this.octets, this.length, start, end);
    this.length = length;
  }
}
