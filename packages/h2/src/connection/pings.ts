import { Buffer } from "node:buffer";

interface OutstandingPing {
  readonly opaque: Buffer;
  readonly sentAt: number;
}

/** Own PINGs under way. Each has its number as opaque data, so that an answer is matched and not merely counted. */
export class Pings {
  readonly #outstanding: OutstandingPing[] = [];
  #sent = 0;

  get count(): number {
    return this.#outstanding.length;
  }

  /** When the oldest was queued, or undefined. */
  get waitingSince(): number | undefined {
    return this.#outstanding[0]?.sentAt;
  }

  /** The opaque data of a new PING. */
  next(now: number): Buffer {
    const opaque = Buffer.alloc(8);
    opaque.writeUInt32BE(++this.#sent >>> 0, 4);
    this.#outstanding.push({ opaque, sentAt: now });
    return opaque;
  }

  /** Round trip of the PING answered, in the unit of `now`; undefined for an answer to none of ours. */
  answered(opaque: Uint8Array, now: number): number | undefined {
    const index = this.#outstanding.findIndex((ping) => ping.opaque.equals(opaque));
    if (index === -1) return undefined;
    const [ping] = this.#outstanding.splice(index, 1);
    return now - ping!.sentAt;
  }
}
