import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";

/** Joins the fragments of a header block that comes in several frames (RFC 9113 section 4.3), within limits. */
export class HeaderBlock {
  /** The fragments so far are `octets[0..length)`. */
  octets: Buffer = Buffer.alloc(0);
  length = 0;
  #continuations = 0;
  readonly #maxBytes: number;
  readonly #maxContinuations: number;

  constructor(maxBytes: number, maxContinuations: number) {
    this.#maxBytes = maxBytes;
    this.#maxContinuations = maxContinuations;
  }

  /** Takes the fragment of a HEADERS frame. @throws Http2Error H2_HEADER_BLOCK_TOO_LARGE */
  begin(source: Buffer, start: number, end: number): void {
    this.length = 0;
    this.#continuations = 0;
    this.#append(source, start, end);
  }

  /** Takes the fragment of a CONTINUATION frame. @throws Http2Error H2_CONTINUATION_FLOOD, H2_HEADER_BLOCK_TOO_LARGE */
  continue(source: Buffer, start: number, end: number): void {
    if (++this.#continuations > this.#maxContinuations) throw connectionFault("H2_CONTINUATION_FLOOD");
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
