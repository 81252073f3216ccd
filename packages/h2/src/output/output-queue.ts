import { Buffer } from "node:buffer";

const maxFreeSlabs = 4;

/**
 * Octets to be written, in slabs that are used again. Frames are written in place (`reserve`, then `commit`); the driver takes
 * what has gathered as one buffer and says when it is written.
 */
export class OutputQueue {
  /** The slab being filled; valid after `reserve`, until the next one. */
  slab: Buffer;
  #end = 0;
  readonly #slabBytes: number;
  readonly #full: Buffer[] = []; // filled regions before `slab`
  readonly #inFlight: Buffer[] = []; // taken and not yet written
  readonly #free: Buffer[] = [];
  #committed = 0; // octets ever committed
  /** Octets ever handed to the driver. A stream whose first octet lies at or above this is certainly unsent. */
  taken = 0;

  constructor(slabBytes: number) {
    this.#slabBytes = slabBytes;
    this.slab = Buffer.allocUnsafeSlow(slabBytes);
  }

  /** Octets waiting to be taken. */
  get queuedBytes(): number {
    return this.#committed - this.taken;
  }

  /** Where the next octet goes, counted over the life of the connection. */
  get position(): number {
    return this.#committed;
  }

  /** Makes sure that `bytes` octets fit into `slab`; returns the offset to write at. */
  reserve(bytes: number): number {
    if (this.#end + bytes > this.slab.length) this.#nextSlab(bytes);
    return this.#end;
  }

  /** What was written ends at `end`. */
  commit(end: number): void {
    this.#committed += end - this.#end;
    this.#end = end;
  }

  /** Appends octets that exist already. */
  append(octets: Uint8Array): void {
    const at = this.reserve(octets.length);
    this.slab.set(octets, at);
    this.commit(at + octets.length);
  }

  /** The oldest octets waiting, or undefined. They must not change until {@link written}. */
  take(): Buffer | undefined {
    let region = this.#full.shift();
    if (region === undefined) {
      if (this.#end === 0) return undefined;
      region = this.slab.subarray(0, this.#end);
      this.#inFlight.push(this.slab);
      this.slab = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#slabBytes);
      this.#end = 0;
    } else this.#inFlight.push(region);
    this.taken += region.length;
    return region;
  }

  /** Forgets what waits to be taken: it will never be sent. */
  drop(): void {
    this.#full.length = 0;
    this.#end = 0;
    this.#committed = this.taken;
  }

  /** The oldest buffer taken has been written and may be used again. */
  written(): void {
    const region = this.#inFlight.shift();
    if (region === undefined || this.#free.length >= maxFreeSlabs) return;
    const slab = region.length === this.#slabBytes ? region : this.#wholeSlab(region);
    if (slab !== undefined) this.#free.push(slab);
  }

  #wholeSlab(region: Buffer): Buffer | undefined {
    // A region starts at its slab's first octet, and a slab has its memory for itself.
    if (region.buffer.byteLength !== this.#slabBytes) return undefined;
    return Buffer.from(region.buffer, 0, this.#slabBytes);
  }

  #nextSlab(bytes: number): void {
    if (this.#end > 0) this.#full.push(this.slab.subarray(0, this.#end));
    this.slab =
      bytes > this.#slabBytes
        ? Buffer.allocUnsafeSlow(bytes)
        : (this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#slabBytes));
    this.#end = 0;
  }
}
