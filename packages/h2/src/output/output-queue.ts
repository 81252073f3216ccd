import { Buffer } from "node:buffer";

const maxFreeSlabs = 4;

/**
 * Output of a connection, in slabs that are used again. Frames are written in place (`reserve`, then `commit`). The
 * driver takes all octets of a slab as one buffer, and reports when it has written them.
 */
export class OutputQueue {
  /** The slab that is filled; valid after `reserve`, until the next `reserve`. */
  slab: Buffer;
  #end = 0;
  readonly #slabBytes: number;
  readonly #full: Buffer[] = []; // regions that were filled before `slab`
  readonly #inFlight: Buffer[] = []; // taken and not yet written
  readonly #free: Buffer[] = [];
  #committed = 0; // octets ever committed
  #written = 0; // octets ever reported as written
  /** Octets ever taken by the driver. A message whose {@link position} is not below has certainly not been sent. */
  taken = 0;

  constructor(slabBytes: number) {
    this.#slabBytes = slabBytes;
    this.slab = Buffer.allocUnsafeSlow(slabBytes);
  }

  /** Octets that wait to be taken. */
  get queuedBytes(): number {
    return this.#committed - this.taken;
  }

  /** Octets that were not written yet: those that wait, and those that the driver has taken and is writing. */
  get unwrittenBytes(): number {
    return this.#committed - this.#written;
  }

  /** Position of the next octet, counted from the beginning of the connection. */
  get position(): number {
    return this.#committed;
  }

  /** Makes sure that `bytes` octets fit into `slab`; returns the offset to write at. */
  reserve(bytes: number): number {
    if (this.#end + bytes > this.slab.length) this.#nextSlab(bytes);
    return this.#end;
  }

  /** Ends the writing begun by {@link reserve}: the octets up to offset `end` are output. */
  commit(end: number): void {
    this.#committed += end - this.#end;
    this.#end = end;
  }

  /** Copies octets into the output. */
  append(octets: Uint8Array): void {
    const at = this.reserve(octets.length);
    this.slab.set(octets, at);
    this.commit(at + octets.length);
  }

  /** Takes the oldest octets, or undefined if there are none. They must not be changed before {@link written}. */
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

  /** Discards the octets that wait to be taken. */
  drop(): void {
    this.#full.length = 0;
    this.#end = 0;
    this.#committed = this.taken;
  }

  /** The oldest buffer taken was written; its slab is used again. */
  written(): void {
    const region = this.#inFlight.shift();
    if (region === undefined) return;
    this.#written += region.length;
    if (this.#free.length >= maxFreeSlabs) return;
    const slab = region.length === this.#slabBytes ? region : this.#wholeSlab(region);
    if (slab !== undefined) this.#free.push(slab);
  }

  #wholeSlab(region: Buffer): Buffer | undefined {
    // A region starts at the first octet of its slab, and no slab shares its memory.
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
