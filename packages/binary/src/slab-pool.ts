/** Big enough that a system call carries hundreds of frames, small enough that reading gets its turn between two. */
const slabBytes = 128 * 1024;

/** Buffers that frames are built in, used again once the socket has taken them. */
export class SlabPool {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(slabBytes);
  }

  giveBack(slab: Uint8Array): void {
    if (this.#free.length < 16) this.#free.push(slab);
  }
}
