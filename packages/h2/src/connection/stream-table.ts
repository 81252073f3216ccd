import type { Buffer } from "node:buffer";
import { HeaderFields } from "../hpack/header-fields.js";
import { StreamState } from "./stream-state.js";

/** What a machine knows of an open stream. Objects are used again for later streams; nobody outside keeps one. */
export class Stream {
  id = 0;
  state: number = StreamState.idle;
  /** Octets of DATA that may be sent; negative after the peer has shrunk its initial window (RFC 9113 section 6.9.2). */
  sendWindow = 0;
  /** Octets of DATA that may be received. */
  receiveWindow = 0;
  /** Octets received and not yet granted again. */
  consumedBytes = 0;
  /** The caller's own. */
  context: unknown = undefined;
  /** Where in the output its first octet is; see `OutputQueue.taken`. */
  outputAt = 0;
  /** `:status` of a response; 0 before it. */
  httpStatus = 0;
  /** The final header list has arrived. */
  hasHeaders = false;
  /** Kept for messages that have a body. */
  headers: HeaderFields | undefined = undefined;
  /** Announced content-length, or -1. */
  contentLength = -1;
  body: Buffer | undefined = undefined;
  bodyBytes = 0;
  /** Body not yet sent for want of window, from `pendingOffset` on. */
  pending: Uint8Array | undefined = undefined;
  pendingOffset = 0;
  /** Waits in the queue for connection window. */
  isQueued = false;

  /** The list that keeps this stream's headers until its body is complete. */
  keepHeaders(fields: HeaderFields): void {
    this.headers ??= new HeaderFields();
    this.headers.copyFrom(fields);
  }
}

/**
 * Open streams by identifier. Identifiers of one side ascend by two, so the lower bits of `id >> 1` are a perfect hash for as
 * long as the open streams lie close together; the one that was overtaken by a whole round goes to a map beside.
 */
export class StreamTable {
  /** Streams held. */
  count = 0;
  #ring: Stream[] = [];
  #mask = -1;
  readonly #overflow: Map<number, Stream> = new Map();

  constructor(initialCapacity = 64) {
    this.#resize(initialCapacity);
  }

  get(id: number): Stream | undefined {
    const stream = this.#ring[(id >>> 1) & this.#mask]!;
    if (stream.id === id) return stream;
    return this.#overflow.size === 0 ? undefined : this.#overflow.get(id);
  }

  /** A stream object for a new identifier, its fields as for an idle stream. */
  add(id: number): Stream {
    // Half empty, so that a stream that lasts a little longer does not collide at once.
    if (this.count * 2 >= this.#ring.length) this.#resize(this.#ring.length * 2);
    this.count++;
    let stream = this.#ring[(id >>> 1) & this.#mask]!;
    if (stream.id !== 0) {
      stream = new Stream();
      this.#overflow.set(id, stream);
    }
    stream.id = id;
    stream.state = StreamState.idle;
    stream.consumedBytes = 0;
    stream.httpStatus = 0;
    stream.hasHeaders = false;
    stream.contentLength = -1;
    stream.bodyBytes = 0;
    stream.pendingOffset = 0;
    stream.isQueued = false;
    return stream;
  }

  /** Forgets a stream; its object keeps nothing of the caller's. */
  remove(stream: Stream): void {
    if (stream.id === 0) return;
    this.count--;
    if (this.#overflow.size !== 0) this.#overflow.delete(stream.id);
    stream.id = 0;
    stream.state = StreamState.closed;
    stream.context = undefined;
    stream.body = undefined;
    stream.pending = undefined;
  }

  /** The open streams, in no order: a copy, so that they can be removed while it is walked. */
  all(): Stream[] {
    return [...this.#ring.filter((stream) => stream.id !== 0), ...this.#overflow.values()];
  }

  #resize(capacity: number): void {
    const open = this.all();
    this.#overflow.clear();
    this.#mask = capacity - 1;
    const ring: (Stream | undefined)[] = new Array<Stream | undefined>(capacity).fill(undefined);
    for (const stream of open) {
      const slot = (stream.id >>> 1) & this.#mask;
      if (ring[slot] === undefined) ring[slot] = stream;
      else this.#overflow.set(stream.id, stream);
    }
    this.#ring = ring.map((stream) => stream ?? new Stream());
  }
}
