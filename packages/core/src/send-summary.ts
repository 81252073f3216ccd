import type { Clock } from "./clock.js";
import type { Outcome } from "./outcome.js";

/** How many sends ended how. */
export interface OutcomeCounts {
  readonly accepted: number;
  readonly rejected: number;
  readonly unsent: number;
  readonly unconfirmed: number;
}

export interface SendProgress extends OutcomeCounts {
  /** Pulled from the source and handed to the transport. */
  readonly sent: number;
  readonly settled: number;
  readonly elapsedMs: number;
  /** Settled per second since the start. */
  readonly perSecond: number;
}

export interface SendSummary extends SendProgress {
  /** Rejections by reason, most frequent first. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  /** Whether the caller's signal ended the run before the source did. */
  readonly aborted: boolean;
}

/** Reasons come from the peer, so their number needs a bound; APNs has about forty. */
const maxReasons = 200;
const otherReasons = "(other)";

/** Counts outcomes and reports them at a bounded rate. */
export class SendCounter {
  sent = 0;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #onProgress: ((progress: SendProgress) => void) | undefined;
  readonly #counts: Record<Outcome["kind"], number> = { accepted: 0, rejected: 0, unsent: 0, unconfirmed: 0 };
  readonly #byReason = new Map<string, number>();
  #settled = 0;
  #startedAt = 0;
  #reportedAt = 0;
  #endedAt: number | undefined;

  constructor(clock: Clock, intervalMs: number, onProgress: ((progress: SendProgress) => void) | undefined) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#onProgress = onProgress;
  }

  start(): void {
    this.#startedAt = this.#clock.now();
    this.#reportedAt = this.#startedAt;
  }

  settle(outcome: Outcome): void {
    this.#settled++;
    this.#counts[outcome.kind]++;
    if (outcome.kind === "rejected") {
      const known = this.#byReason.has(outcome.reason) || this.#byReason.size < maxReasons;
      const reason = known ? outcome.reason : otherReasons;
      this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
    }
    if (this.#onProgress !== undefined && this.#clock.now() - this.#reportedAt >= this.#intervalMs) {
      this.#reportedAt = this.#clock.now();
      this.#onProgress(this.#progress(this.#reportedAt));
    }
  }

  /** The last report of a run. */
  report(): void {
    this.#endedAt = this.#clock.now();
    this.#onProgress?.(this.#progress(this.#endedAt));
  }

  summary(aborted: boolean): SendSummary {
    const byReason = [...this.#byReason].sort(([, a], [, b]) => b - a);
    return {
      ...this.#progress(this.#endedAt ?? this.#clock.now()),
      rejectedByReason: Object.fromEntries(byReason),
      aborted,
    };
  }

  #progress(now: number): SendProgress {
    const elapsedMs = now - this.#startedAt;
    return {
      ...this.#counts,
      sent: this.sent,
      settled: this.#settled,
      elapsedMs,
      perSecond: elapsedMs > 0 ? (this.#settled / elapsedMs) * 1000 : 0,
    };
  }
}
