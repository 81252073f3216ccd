import { connectionFault } from "../errors.js";
import { encodeGoAwayFrame } from "../frame/go-away.js";
import type { OutputQueue } from "../output/output-queue.js";
import { maxStreamId } from "../streams/stream-table.js";
import type { Lifecycle } from "./lifecycle.js";

/** The GOAWAY frames of both sides (RFC 9113 section 6.8). */
export class GoAway {
  /** Last-Stream-ID of the GOAWAY sent last; 2^31-1 before the first. */
  sentLastStreamId: number = maxStreamId;
  /** Last-Stream-ID of the GOAWAY received last; 2^31-1 before the first. */
  receivedLastStreamId: number = maxStreamId;
  /** The highest stream of the peer that this side has accepted: what a GOAWAY names by default. */
  lastPeerStreamId = 0;
  readonly #output: OutputQueue;
  readonly #lifecycle: Lifecycle;

  constructor(output: OutputQueue, lifecycle: Lifecycle) {
    this.#output = output;
    this.#lifecycle = lifecycle;
  }

  /** Queues GOAWAY; the connection drains. */
  send(http2ErrorCode: number, debugData: Uint8Array, lastStreamId: number = this.lastPeerStreamId): void {
    this.sentLastStreamId = lastStreamId;
    this.#lifecycle.drain();
    this.#output.append(encodeGoAwayFrame({ lastStreamId, http2ErrorCode, debugData }));
    this.#lifecycle.checkDrained();
  }

  /** Queues the GOAWAY of a connection error; the connection is closed. */
  sendFinal(http2ErrorCode: number, debugData: Uint8Array): void {
    this.#output.append(encodeGoAwayFrame({ lastStreamId: this.lastPeerStreamId, http2ErrorCode, debugData }));
    this.#lifecycle.close();
  }

  /** GOAWAY has arrived; the connection drains. @throws Http2Error H2_GOAWAY_INCREASED */
  receive(lastStreamId: number): void {
    if (lastStreamId > this.receivedLastStreamId) throw connectionFault("H2_GOAWAY_INCREASED");
    this.receivedLastStreamId = lastStreamId;
    this.#lifecycle.drain();
  }
}
