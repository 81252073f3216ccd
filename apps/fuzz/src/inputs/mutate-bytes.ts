import type { Random } from "./random.js";

/** Where lengths, counts and types have their edges. */
const edges: readonly number[] = [0, 1, 2, 3, 4, 8, 9, 16, 31, 32, 33, 63, 64, 100, 127, 128, 129, 200, 254, 255];

type Change = (bytes: number[], random: Random, other: Uint8Array) => void;

const changes: readonly Change[] = [
  (bytes, random) => {
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.below(256);
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.pick(edges);
  },
  // A length of two or four bytes.
  (bytes, random) => {
    const at = random.below(bytes.length);
    const width = random.pick([2, 4]);
    const value = random.pick([0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0xffff_ffff]);
    for (let place = 0; place < width && at + place < bytes.length; place++) {
      bytes[at + place] = (value >>> (8 * (width - 1 - place))) & 0xff;
    }
  },
  (bytes, random) => void bytes.splice(random.below(bytes.length), 1 + random.below(Math.min(32, bytes.length))),
  (bytes, random) => void bytes.splice(random.below(bytes.length), 0, ...random.bytes(1 + random.below(16))),
  // A run of one byte.
  (bytes, random) => {
    const run = Array<number>(random.pick([2, 9, 64, 300, 4000])).fill(random.pick(edges));
    bytes.splice(random.below(bytes.length), 0, ...run);
  },
  // A part that stands there twice.
  (bytes, random) => {
    const at = random.below(bytes.length);
    bytes.splice(random.below(bytes.length), 0, ...bytes.slice(at, at + 1 + random.below(64)));
  },
  (bytes, random) => {
    bytes.length = random.below(bytes.length);
  },
  // The beginning of one, the end of another.
  (bytes, random, other) => {
    bytes.length = random.below(bytes.length);
    bytes.push(...other.subarray(random.below(other.length + 1)));
  },
];

/** Changes bytes in one to four places, without knowing what they mean. */
export function mutateBytes(seed: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const bytes = [...seed];
  for (let times = 1 + random.below(4); times > 0; times--) {
    if (bytes.length === 0) bytes.push(...random.bytes(1 + random.below(64)));
    random.pick(changes)(bytes, random, other);
  }
  return Uint8Array.from(bytes);
}
