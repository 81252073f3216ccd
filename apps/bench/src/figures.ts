/** The figures of one run of one contender; null where nothing was measured. */
export interface Figures {
  readonly perSecond: number | null;
  readonly cpuSecondsPer100k: number | null;
  readonly peakRssMiB: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Sends without the outcome they should have had. */
  readonly failed: number | null;
}

export interface Row extends Figures {
  readonly name: string;
}

/** The middle value; the mean of the middle two; null if nothing was measured. */
function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of each figure over the rounds; failures are added up instead. */
export function medianRow(name: string, rounds: readonly Figures[]): Row {
  const of = (key: keyof Figures): number | null => median(rounds.map((round) => round[key]));
  return {
    name,
    perSecond: round(of("perSecond"), 0),
    cpuSecondsPer100k: round(of("cpuSecondsPer100k"), 3),
    peakRssMiB: round(of("peakRssMiB"), 0),
    p50Ms: round(of("p50Ms"), 2),
    p99Ms: round(of("p99Ms"), 2),
    failed: rounds.reduce((sum, { failed }) => sum + (failed ?? 0), 0),
  };
}

/** The median, over the rounds, of the quotient within each round: what holds when the machine's speed drifts. */
export function medianRatio(ours: readonly Figures[], others: readonly Figures[], key: keyof Figures): number | null {
  const quotients = ours.map((round, index) => {
    const a = round[key];
    const b = others[index]?.[key] ?? null;
    return a === null || b === null || b === 0 ? null : a / b;
  });
  return round(median(quotients), 2);
}

function round(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
