import type { Clock } from "../clock.js";
import type { Outcome } from "../outcome.js";
import { type OutcomeCounts, OutcomeTally } from "./outcome-tally.js";

export interface SendProgress extends OutcomeCounts {
  /** Items pulled from the source and given to the transport. */
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

/** Counts outcomes and reports them at a bounded rate. */
export class SendCounter {
  sent = 0;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #onProgress: ((progress: SendProgress) => void) | undefined;
  readonly #tally = new OutcomeTally();
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
    this.#tally.settle(outcome);
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
    return {
      ...this.#progress(this.#endedAt ?? this.#clock.now()),
      rejectedByReason: this.#tally.rejectedByReason(),
      aborted,
    };
  }

  #progress(now: number): SendProgress {
    const elapsedMs = now - this.#startedAt;
    const { settled } = this.#tally;
    return {
      ...this.#tally.counts(),
      sent: this.sent,
      settled,
      elapsedMs,
      perSecond: elapsedMs > 0 ? (settled / elapsedMs) * 1000 : 0,
    };
  }
}
