import type { Outcome } from "../outcome.js";

/** The number of sends with each kind of outcome. */
export interface OutcomeCounts {
  readonly accepted: number;
  readonly rejected: number;
  readonly unsent: number;
  readonly unconfirmed: number;
}

/** The limit of distinct reasons, which come from the peer; APNs has about forty. */
const maxReasons = 200;
const otherReasons = "(other)";

/** Counts outcomes by kind, and rejections by reason. */
export class OutcomeTally {
  readonly #counts: Record<Outcome["kind"], number> = { accepted: 0, rejected: 0, unsent: 0, unconfirmed: 0 };
  readonly #byReason = new Map<string, number>();
  #settled = 0;

  get settled(): number {
    return this.#settled;
  }

  settle(outcome: Outcome): void {
    this.#settled++;
    this.#counts[outcome.kind]++;
    if (outcome.kind !== "rejected") return;
    const known = this.#byReason.has(outcome.reason) || this.#byReason.size < maxReasons;
    const reason = known ? outcome.reason : otherReasons;
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
  }

  counts(): OutcomeCounts {
    return { ...this.#counts };
  }

  /** Most frequent first. */
  rejectedByReason(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#byReason].sort(([, a], [, b]) => b - a));
  }
}
