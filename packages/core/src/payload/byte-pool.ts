// Memory for payloads. An array buffer for each costs as much as to encode the payload, and more in garbage collection.

/** As of Node's Buffers. One payload that is kept keeps so much memory. */
const slabBytes = 8192;

/** A slab with less room is not begun upon. */
const minRoom = 1024;

let slab: Uint8Array = new Uint8Array(0);
let used = 0;

/**
 * Bytes that `write` writes into a part of a slab.
 * @param write returns the offset after what it has written from an offset on, or -1 if there is no room. It is called again then,
 * with a new slab
 * @returns undefined if `write` does not fit into a slab, or has nothing to write
 */
export function writePooled(write: (target: Uint8Array, offset: number) => number): Uint8Array | undefined {
  // A caller who transfers a payload's buffer to another thread takes the slab from us: it has no bytes then.
  if (slab.length - used < minRoom) nextSlab();
  let end = write(slab, used);
  if (end < 0 && used > 0) {
    nextSlab();
    end = write(slab, used);
  }
  if (end < 0) return undefined;
  const bytes = slab.subarray(used, end);
  used = end;
  return bytes;
}

function nextSlab(): void {
  slab = new Uint8Array(slabBytes);
  used = 0;
}
