import { Buffer } from "node:buffer";
import { streamFault } from "../errors.js";
import { HeaderFields } from "../hpack/header-fields.js";
import type { BodyBudget } from "./body-budget.js";
import { nextStreamState, StreamEvent, StreamState } from "./stream-state.js";

/** A body of no octets. */
export const emptyBody: Uint8Array = new Uint8Array(0);

/**
 * An open stream: its state, its windows, the message that arrives and the body that is sent. The object is used again
 * for a later stream; nothing outside of the connection keeps it.
 */
export class Stream {
  id = 0;
  state: number = StreamState.idle;
  /**
   * Octets of DATA that may be sent; negative after the peer has reduced its initial window (RFC 9113 section 6.9.2).
   */
  sendWindow = 0;
  /** Octets of DATA that may be received. */
  receiveWindow = 0;
  /** Octets received for which no WINDOW_UPDATE was sent yet. */
  consumedBytes = 0;
  /** The caller's context of a request. */
  context: unknown = undefined;
  /**
   * Position of the first octet of this side's message in the output; see `OutputQueue.taken`. 0 on a server: not
   * answered yet.
   */
  outputAt = 0;
  /** `:status` of the response; 0 until the final header list has arrived. */
  httpStatus = 0;
  /** The final header list has arrived. */
  hasHeaders = false;
  /** The final header list of a message that has a body. */
  headers: HeaderFields | undefined = undefined;
  /** Announced content-length, or -1. */
  contentLength = -1;
  /** The body received so far is `body[0..bodyBytes)`. */
  body: Buffer | undefined = undefined;
  bodyBytes = 0;
  /** A body that waits for window, from `pendingOffset` on. */
  pending: Uint8Array | undefined = undefined;
  pendingOffset = 0;
  /** The stream waits for connection window. */
  isQueued = false;

  /** Copies the final header list, to be kept until the body is complete. */
  keepHeaders(fields: HeaderFields): void {
    this.headers ??= new HeaderFields();
    this.headers.copyFrom(fields);
  }

  /** The body received so far, as a buffer that its receiver may keep. */
  get receivedBody(): Uint8Array {
    return this.body === undefined ? emptyBody : this.body.subarray(0, this.bodyBytes);
  }

  /** Appends `source[start..end)` to the body. @throws Http2Error H2_BODY_TOO_LARGE, H2_BODIES_TOO_LARGE */
  receiveBody(
    source: Buffer,
    start: number,
    end: number,
    isLast: boolean,
    maxBodyBytes: number,
    budget: BodyBudget,
  ): void {
    const bytes = this.bodyBytes + end - start;
    if (bytes > maxBodyBytes) throw streamFault("H2_BODY_TOO_LARGE", this.id);
    if (this.body === undefined || this.body.length < bytes) {
      const size = isLast ? bytes : Math.min(maxBodyBytes, Math.max(512, bytes * 2));
      if (!budget.take(size - (this.body?.length ?? 0))) throw streamFault("H2_BODIES_TOO_LARGE", this.id);
      const grown = Buffer.allocUnsafe(size);
      this.body?.copy(grown, 0, 0, this.bodyBytes);
      this.body = grown;
    }
    source.copy(this.body, this.bodyBytes, start, end);
    this.bodyBytes = bytes;
  }

  /** Hands the body over: it is the receiver's now, and counts no longer. */
  takeBody(budget: BodyBudget): Uint8Array {
    const body = this.receivedBody;
    if (this.body !== undefined) budget.release(this.body.length);
    this.body = undefined;
    return body;
  }

  /** END_STREAM was received. @throws Http2Error H2_CONTENT_LENGTH unless the body has the announced length */
  receiveEnd(): void {
    if (this.contentLength !== -1 && this.contentLength !== this.bodyBytes) {
      throw streamFault("H2_CONTENT_LENGTH", this.id, `${this.contentLength} announced, ${this.bodyBytes} received`);
    }
    this.state = nextStreamState(this.state, StreamEvent.receiveEndStream);
  }
}
