/** How often something that costs us and not the peer may happen. */
export interface RateLimit {
  /** At once, after a time of quiet. */
  readonly burst: number;
  /** In the long run, with nothing else going on. */
  readonly perSecond: number;
  /** More for each response of the peer: a server that works may also talk. Counts on a client only. @default 0 */
  readonly perResponse?: number;
}

/** A token bucket for a {@link RateLimit}. Time is passed in, in milliseconds. */
export class TokenBucket {
  readonly #limit: RateLimit;
  #capacity: number;
  #tokens: number;
  #refilledAt = 0;
  #responsesSeen = 0;

  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#capacity = limit.burst;
    this.#tokens = limit.burst;
  }

  /**
   * Takes one token; false if there is none.
   * @param responses - how many responses the peer has given by now
   */
  take(now: number, responses: number): boolean {
    const { perSecond, perResponse = 0 } = this.#limit;
    const earnedByTime = (Math.max(0, now - this.#refilledAt) * perSecond) / 1000;
    const earnedByWork = (responses - this.#responsesSeen) * perResponse;
    this.#refilledAt = Math.max(now, this.#refilledAt);
    this.#responsesSeen = responses;
    this.#tokens = Math.min(this.#capacity, this.#tokens + earnedByTime + earnedByWork);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Makes room for so many bursts and what so many responses earn, and fills the bucket. */
  widen(bursts: number, responses: number): void {
    const { burst, perResponse = 0 } = this.#limit;
    this.#capacity = burst * bursts + perResponse * responses;
    this.#tokens = this.#capacity;
  }
}
