/** 32 bits that depend on every byte (FNV-1a): for choices that belong to an input, such as where it is cut. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
