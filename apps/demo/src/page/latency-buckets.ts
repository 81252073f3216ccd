// Times to outcome are counted in buckets that grow by a constant factor: small to hand around, and exact to 6 %.

/** Buckets for each factor of ten. */
const perDecade = 40;
/** The first bucket ends here; what is quicker is in it, too. */
const firstMs = 0.1;
const decades = 6;

export const bucketCount: number = perDecade * decades + 1;

export function bucketOf(ms: number): number {
  const bucket = Math.ceil(Math.log10(ms / firstMs) * perDecade);
  return Math.min(bucketCount - 1, Math.max(0, bucket));
}

/** The longest time that a bucket holds; the last one holds what is longer, too. */
function bucketEndMs(bucket: number): number {
  return firstMs * 10 ** (bucket / perDecade);
}

/** The time within which this share, 0 to 1, of what was counted lies. */
export function percentileMs(histogram: ArrayLike<number>, share: number): number {
  let total = 0;
  for (let bucket = 0; bucket < histogram.length; bucket++) total += histogram[bucket]!;
  if (total === 0) return 0;
  let left = total * share;
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    left -= histogram[bucket]!;
    if (left <= 0) return bucketEndMs(bucket);
  }
  return bucketEndMs(histogram.length - 1);
}

/** Fewer, wider buckets, for a chart: `[end in milliseconds, count]`. */
export function widerBuckets(histogram: ArrayLike<number>, together: number): [endMs: number, count: number][] {
  const wide: [number, number][] = [];
  for (let first = 0; first < histogram.length; first += together) {
    let count = 0;
    const last = Math.min(histogram.length, first + together);
    for (let bucket = first; bucket < last; bucket++) count += histogram[bucket]!;
    wide.push([bucketEndMs(last - 1), count]);
  }
  return wide;
}
