/** A counter for each of several names. They only grow. */
export class CounterMap {
  readonly #counts = new Map<string, number>();

  add(name: string, by: number = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}

/** What one app has had to do. Plain fields, because the hot path pays for every one of them. */
export class AppCounters {
  /** Accepted upstream. */
  accepted = 0;
  /** Not simply accepted, by cause. */
  readonly causes: CounterMap = new CounterMap();
  /** Tries beyond the first. */
  retries = 0;
  /** Tuples written for the feedback service. */
  feedback = 0;
  /** Resends answered by what had been delivered before. */
  suppressed = 0;
}
