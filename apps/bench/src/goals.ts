import type { Row } from "./figures.js";

/** Exactly one of the two is given. */
export interface Bound {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** A bound for a figure, with the figure that was measured. */
export interface Goal extends Bound {
  /** As the tables call it. */
  readonly name: string;
  /** Null if it was not measured: a peer may not be installed. */
  readonly measured: number | null;
}

/** The goal for a ratio. */
export function ratioGoal(ratios: Readonly<Record<string, number | null>>, name: string, bound: Bound): Goal {
  return { name, ...bound, measured: ratios[name] ?? null };
}

const labels = { perSecond: "per second", peakRssMiB: "peak RSS, MiB" } as const;

/** The goal for one figure of a row. */
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
