import type { Row } from "./figures.js";

/** One of the two. */
export interface Bound {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** A figure that is asked for, and what it was. */
export interface Goal extends Bound {
  /** As the tables call it. */
  readonly name: string;
  /** Null if it was not measured: a peer may not be installed. */
  readonly measured: number | null;
}

/** What is asked of a ratio. */
export function ratioGoal(ratios: Readonly<Record<string, number | null>>, name: string, bound: Bound): Goal {
  return { name, ...bound, measured: ratios[name] ?? null };
}

const labels = { perSecond: "per second", peakRssMiB: "peak RSS, MiB" } as const;

/** What is asked of one figure of a row. */
export function rowGoal(rows: readonly Row[], name: string, figure: keyof typeof labels, bound: Bound): Goal {
  return {
    name: `${name}: ${labels[figure]}`,
    ...bound,
    measured: rows.find((row) => row.name === name)?.[figure] ?? null,
  };
}

/** Null if it was not measured. */
export function isMet({ measured, atLeast, atMost }: Goal): boolean | null {
  if (measured === null) return null;
  return measured >= (atLeast ?? Number.NEGATIVE_INFINITY) && measured <= (atMost ?? Number.POSITIVE_INFINITY);
}
