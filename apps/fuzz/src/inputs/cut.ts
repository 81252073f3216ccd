import { hashOf } from "./hash.js";
import { Random } from "./random.js";

/** The same bytes in one to nine pieces, cut where their hash says: a decoder must not notice. */
export function cut(bytes: Uint8Array): Uint8Array[] {
  const random = new Random(hashOf(bytes));
  const places = Array.from({ length: random.below(9) }, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
}
