/** Enough for inputs of some hundred bytes; larger ones are left a bit larger than need be. */
const maxAttempts = 1000;
const maxMs = 5000;

/**
 * Leaves parts of an input out, large ones first, and makes bytes zero, for as long as it fails all the same.
 * @param fails whether a candidate fails as the input did
 */
export async function shrink(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  const end = performance.now() + maxMs;
  let smallest = input;
  let attempts = 0;
  const attempt = async (candidate: Uint8Array): Promise<boolean> => {
    if (attempts++ >= maxAttempts || performance.now() > end || !(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };
  for (let size = Math.ceil(input.length / 2); size >= 1 && attempts < maxAttempts; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length && attempts < maxAttempts; ) {
      const candidate = Uint8Array.from([...smallest.subarray(0, at), ...smallest.subarray(at + size)]);
      if (!(await attempt(candidate))) at += size;
    }
  }
  for (let at = 0; at < smallest.length && attempts < maxAttempts; at++) {
    if (smallest[at] !== 0) await attempt(smallest.map((byte, index) => (index === at ? 0 : byte)));
  }
  return smallest;
}
