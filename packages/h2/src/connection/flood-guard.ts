import type { Http2FaultCode } from "../errors.js";
import type { ResolvedConnectionOptions } from "./options.js";
import { TokenBucket } from "./token-bucket.js";

/** The faults of a peer that sends more frames of some kind than its budget allows. */
export type FloodCode = Extract<
  Http2FaultCode,
  "H2_SETTINGS_FLOOD" | "H2_PING_FLOOD" | "H2_RESET_FLOOD" | "H2_EMPTY_DATA_FLOOD" | "H2_IGNORED_FLOOD"
>;

/** A draining peer may send this many bursts until its open streams have settled … */
const drainingBursts = 10;
/** … and for each open stream this many times what a response adds to the budget. */
const drainingResponses = 8;

/**
 * Budgets for frames that cost this side work and the peer nothing (RFC 9113 section 10.5): token buckets that are
 * refilled by time and by the responses of the peer.
 */
export class FloodGuard {
  readonly #budgets: Readonly<Record<FloodCode, TokenBucket>>;
  #responses = 0;
  #expectedLateFrames = 0;

  constructor(options: ResolvedConnectionOptions) {
    this.#budgets = {
      H2_SETTINGS_FLOOD: new TokenBucket(options.settingsRate),
      H2_PING_FLOOD: new TokenBucket(options.pingRate),
      H2_RESET_FLOOD: new TokenBucket(options.resetRate),
      H2_EMPTY_DATA_FLOOD: new TokenBucket(options.emptyDataRate),
      H2_IGNORED_FLOOD: new TokenBucket(options.ignoredRate),
    };
  }

  /** The peer has given a response. */
  responded(): void {
    this.#responses++;
  }

  /** The next `count` frames without effect are caused by this side and cost no token. */
  expectLateFrames(count: number): void {
    this.#expectedLateFrames += count;
  }

  /** Takes a token for a frame; false if the budget that `code` names is exceeded. */
  take(code: FloodCode, now: number): boolean {
    return this.#budgets[code].take(now, this.#responses);
  }

  /** Takes a token for a frame without effect; false if their budget is exceeded. */
  takeIgnored(now: number): boolean {
    if (this.#expectedLateFrames === 0) return this.take("H2_IGNORED_FLOOD", now);
    this.#expectedLateFrames--;
    return true;
  }

  /** Raises all budgets, for the time that the open streams of a draining connection take to settle. */
  widen(openStreams: number): void {
    for (const budget of Object.values(this.#budgets)) budget.widen(drainingBursts, openStreams * drainingResponses);
  }
}
