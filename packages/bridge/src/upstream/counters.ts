import { cutText } from "@apns/core/internal";

/** The names counted separately; the reasons of upstream are an open set. */
const maxNames = 200;

/** In characters; what is longer is cut. */
const maxNameLength = 100;

/** A counter for each of several names. They only grow. Names beyond the first 200 are counted together, as `other`. */
export class CounterMap {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    const cut = cutText(name, maxNameLength);
    const counted = this.#counts.has(cut) || this.#counts.size < maxNames ? cut : "other";
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
  }

  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}

/** Counters of one app. Plain fields, since the hot path pays for each of them. */
export class AppCounters {
  /** Accepted upstream. */
  accepted = 0;
  /** Not simply accepted, by cause. */
  readonly causes: CounterMap = new CounterMap();
  /** Tries beyond the first. */
  retries = 0;
  /** Tries after an outcome `unconfirmed`: some arrive twice. */
  unconfirmedRetries = 0;
  /** Success for the sender, although upstream confirmed nothing: some are lost. */
  unconfirmedAccepted = 0;
  /** Tuples written for the feedback service. */
  feedback = 0;
  /** Resends answered by what had been delivered before. */
  suppressed = 0;
}
