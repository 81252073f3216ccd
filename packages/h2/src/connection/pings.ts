import { Buffer } from "node:buffer";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import type { OutputQueue } from "../output/output-queue.js";
import { writeFrame } from "../output/write-frame.js";
import type { ReplyBudget } from "./reply-budget.js";

interface OutstandingPing {
  readonly opaque: Buffer;
  readonly sentAt: number;
}

/**
 * PING in both directions (RFC 9113 section 6.7). The opaque data of an own PING is its number, so that an
 * acknowledgement is matched to its PING and not merely counted.
 */
export class Pings {
  readonly #outstanding: OutstandingPing[] = [];
  #sent = 0;
  readonly #output: OutputQueue;
  readonly #replies: ReplyBudget;
  readonly #maxOutstanding: number;
  readonly #timeoutMs: number;

  constructor(output: OutputQueue, replies: ReplyBudget, maxOutstanding: number, timeoutMs: number) {
    this.#output = output;
    this.#replies = replies;
    this.#maxOutstanding = maxOutstanding;
    this.#timeoutMs = timeoutMs;
  }

  /** When the oldest outstanding PING must have been acknowledged; undefined if none is outstanding. */
  get deadline(): number | undefined {
    const oldest = this.#outstanding[0];
    return oldest === undefined ? undefined : oldest.sentAt + this.#timeoutMs;
  }

  /** Queues a PING; false if too many are outstanding. */
  send(now: number): boolean {
    if (this.#outstanding.length >= this.#maxOutstanding) return false;
    const opaque = Buffer.alloc(8);
    opaque.writeUInt32BE(++this.#sent >>> 0, 4);
    this.#outstanding.push({ opaque, sentAt: now });
    writeFrame(this.#output, FrameType.PING, 0, 0, opaque);
    return true;
  }

  /** Queues the acknowledgement of a PING of the peer. @throws Http2Error H2_OUTPUT_FLOOD */
  acknowledge(opaque: Uint8Array): void {
    writeFrame(this.#output, FrameType.PING, FrameFlag.ACK, 0, opaque);
    this.#replies.count();
  }

  /**
   * The peer acknowledged a PING. Returns its round trip in milliseconds, or undefined if this side sent no such PING.
   */
  acknowledged(opaque: Uint8Array, now: number): number | undefined {
    const index = this.#outstanding.findIndex((ping) => ping.opaque.equals(opaque));
    if (index === -1) return undefined;
    const [ping] = this.#outstanding.splice(index, 1);
    return now - ping!.sentAt;
  }
}
