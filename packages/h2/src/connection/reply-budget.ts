import { connectionFault } from "../errors.js";
import type { OutputQueue } from "../output/output-queue.js";

/** Octets of the largest reply, a PING acknowledgement. */
const replyBytes = 17;

/** Bounds the replies that a peer causes and does not read: acknowledgements and resets (RFC 9113 section 10.5). */
export class ReplyBudget {
  #queuedBytes = 0;
  /** {@link OutputQueue.taken} when the first of them was counted. */
  #takenBefore = 0;
  readonly #output: OutputQueue;
  readonly #maxBytes: number;

  constructor(output: OutputQueue, maxBytes: number) {
    this.#output = output;
    this.#maxBytes = maxBytes;
  }

  /** A reply was queued. @throws Http2Error H2_OUTPUT_FLOOD */
  count(): void {
    // The driver takes output only while the peer reads: what gathers between two takes is what the peer does not read.
    if (this.#output.taken !== this.#takenBefore) {
      this.#takenBefore = this.#output.taken;
      this.#queuedBytes = 0;
    }
    this.#queuedBytes += replyBytes;
    if (this.#queuedBytes > this.#maxBytes) throw connectionFault("H2_OUTPUT_FLOOD");
  }
}
