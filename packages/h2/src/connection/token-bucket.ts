/** Budget for frames of one kind: a token bucket. */
export interface RateLimit {
  /** Capacity: frames accepted at once. */
  readonly burst: number;
  /** Tokens added per second. */
  readonly perSecond: number;
  /** Tokens added per response of the peer; on a client only. @default 0 */
  readonly perResponse?: number;
}

/** A token bucket with the budget of a {@link RateLimit}, full at the start. Times are in milliseconds. */
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
   * @param responses - responses that the peer has given since the connection was made
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

  /** Raises the capacity to that of `bursts` bursts and the tokens of `responses` responses, and fills the bucket. */
  widen(bursts: number, responses: number): void {
    const { burst, perResponse = 0 } = this.#limit;
    this.#capacity = burst * bursts + perResponse * responses;
    this.#tokens = this.#capacity;
  }
}
