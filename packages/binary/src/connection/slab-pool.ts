/** Large enough for hundreds of frames per system call, small enough for reads between two writes. */
const slabBytes = 128 * 1024;

/** Buffers for frames, reused once the socket has written them. */
export class SlabPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
  }

  release(slab: Buffer): void {
    if (this.#free.length < 16) this.#free.push(slab);
  }
}
