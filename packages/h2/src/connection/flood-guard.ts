import type { Http2FaultCode } from "../errors.js";
import type { ResolvedConnectionOptions } from "./options.js";
import { TokenBucket } from "./token-bucket.js";

/** The faults of a peer that sends more of something than its budget allows. */
export type FloodCode = Extract<
  Http2FaultCode,
  "H2_SETTINGS_FLOOD" | "H2_PING_FLOOD" | "H2_RESET_FLOOD" | "H2_EMPTY_DATA_FLOOD" | "H2_IGNORED_FLOOD"
>;

/** How much more a draining peer may send until its open streams have settled: so many bursts … */
const drainingBursts = 10;
/** … and for each open stream so many times what a response earns. */
const drainingResponses = 8;

/**
 * Budgets for the frames that cost us work and the peer nothing (RFC 9113 section 10.5). Each grows with time and with the
 * responses that the peer has given; `exceeded` is told of every frame beyond.
 */
export class FloodGuard {
  readonly #settings: TokenBucket;
  readonly #pings: TokenBucket;
  readonly #resets: TokenBucket;
  readonly #emptyData: TokenBucket;
  readonly #ignored: TokenBucket;
  readonly #exceeded: (code: FloodCode) => void;
  #responses = 0;

  constructor(options: ResolvedConnectionOptions, exceeded: (code: FloodCode) => void) {
    this.#settings = new TokenBucket(options.settingsRate);
    this.#pings = new TokenBucket(options.pingRate);
    this.#resets = new TokenBucket(options.resetRate);
    this.#emptyData = new TokenBucket(options.emptyDataRate);
    this.#ignored = new TokenBucket(options.ignoredRate);
    this.#exceeded = exceeded;
  }

  /** The peer has given a response. */
  responded(): void {
    this.#responses++;
  }

  settings(now: number): void {
    this.#take(this.#settings, now, "H2_SETTINGS_FLOOD");
  }

  ping(now: number): void {
    this.#take(this.#pings, now, "H2_PING_FLOOD");
  }

  /** The peer has had one more stream reset, by asking or by a fault. */
  reset(now: number): void {
    this.#take(this.#resets, now, "H2_RESET_FLOOD");
  }

  /** DATA without octets and without END_STREAM. */
  emptyData(now: number): void {
    this.#take(this.#emptyData, now, "H2_EMPTY_DATA_FLOOD");
  }

  /** A frame that changes nothing. */
  ignored(now: number): void {
    this.#take(this.#ignored, now, "H2_IGNORED_FLOOD");
  }

  /** The connection drains because a budget was exceeded: what is open gets its chance to settle, within wider bounds. */
  widen(openStreams: number): void {
    for (const bucket of [this.#settings, this.#pings, this.#resets, this.#emptyData, this.#ignored]) {
      bucket.widen(drainingBursts, openStreams * drainingResponses);
    }
  }

  #take(bucket: TokenBucket, now: number, code: FloodCode): void {
    if (!bucket.take(now, this.#responses)) this.#exceeded(code);
  }
}
