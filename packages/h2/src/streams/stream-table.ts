import type { BodyBudget } from "./body-budget.js";
import { Stream } from "./stream.js";
import { nextStreamState, StreamEvent, StreamState } from "./stream-state.js";

/** The highest stream identifier (RFC 9113 section 5.1.1). */
export const maxStreamId = 0x7fff_ffff;

/**
 * Open streams by identifier. Since push is disabled, a client opens all of them: the identifiers are odd and ascend by
 * two. The lower bits of `id >> 1` are a perfect hash as long as the open streams lie close together; a stream whose
 * slot is still taken by an older one goes to a map.
 */
export class StreamTable {
  /** Open streams. */
  count = 0;
  /** The highest stream ever opened, those that the peer opened in vain included; -1 before the first. */
  highestId = -1;
  #ring: Stream[] = [];
  #mask = -1;
  readonly #overflow: Map<number, Stream> = new Map();
  readonly #bodies: BodyBudget;

  /** @param bodies - gets back the octets of bodies whose stream is removed */
  constructor(bodies: BodyBudget, initialCapacity = 64) {
    this.#bodies = bodies;
    this.#resize(initialCapacity);
  }

  get(id: number): Stream | undefined {
    const stream = this.#ring[(id >>> 1) & this.#mask]!;
    if (stream.id === id) return stream;
    return this.#overflow.size === 0 ? undefined : this.#overflow.get(id);
  }

  /** Whether the stream was never opened (RFC 9113 section 5.1, "idle"). */
  isIdle(id: number): boolean {
    return id > this.highestId || (id & 1) === 0;
  }

  /**
   * Adds a stream, its fields as for an idle one, but for those that its opener sets: windows, context and output
   * position.
   */
  add(id: number): Stream {
    // At most half full, so that a stream that stays open a little longer than its neighbours does not collide.
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

  /** END_STREAM was sent; the stream is removed if that closes it. */
  endSent(stream: Stream): void {
    stream.state = nextStreamState(stream.state, StreamEvent.sendEndStream);
    if (stream.state === StreamState.closed) this.remove(stream);
  }

  /** Removes a stream; its object keeps no reference to the caller's values. */
  remove(stream: Stream): void {
    if (stream.id === 0) return;
    this.count--;
    if (this.#overflow.size !== 0) this.#overflow.delete(stream.id);
    stream.id = 0;
    stream.state = StreamState.closed;
    stream.context = undefined;
    if (stream.body !== undefined) this.#bodies.release(stream.body.length);
    stream.body = undefined;
    stream.pending = undefined;
  }

  /** The open streams, in no order: a copy, so that streams may be removed during iteration. */
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
