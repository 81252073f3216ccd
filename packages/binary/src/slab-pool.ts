/** Big enough that a system call carries hundreds of frames, small enough that reading gets its turn between two. */
const slabBytes = 128 * 1024;

/** Buffers that frames are built in, used again once the socket has taken them. */
export class SlabPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
  }

  giveBack(slab: Buffer): void {
    if (this.#free.length < 16) this.#free.push(slab);
  }
}
