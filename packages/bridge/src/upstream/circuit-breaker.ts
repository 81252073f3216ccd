import { BackOff, Fifo } from "@apns/core/internal";
import { type Delivery, takeLeft } from "./delivery.js";

/** Between probes, in milliseconds. Without jitter: one probe at a time is no crowd. */
const betweenProbes = { baseMs: 1_000, maxMs: 30_000, random: () => 1 };

type State =
  /** Upstream lets the app in. */
  | { readonly kind: "closed" }
  /** Upstream does not; the timer sends a probe. */
  | { readonly kind: "open"; readonly timer: NodeJS.Timeout }
  /** A probe is in flight. */
  | { readonly kind: "halfOpen" };

/**
 * A circuit breaker with a half-open probe, for one app.
 *
 *             trip()                     the timer, probeNow()
 *   closed ──────────► open ──────────────────────────────────► halfOpen
 *     ▲                 ▲   trip(), probeInconclusive()             │
 *     │                 └───────────────────────────────────────────┤
 *     └──────────────────────── reset() ────────────────────────────┘
 *
 * Open, it keeps every delivery. A probe is one of them, a different one each time; once upstream lets one through, all
 * follow.
 */
export class CircuitBreaker {
  readonly #send: (delivery: Delivery) => void;
  readonly #held = new Fifo<Delivery>();
  readonly #backOff = new BackOff(betweenProbes);
  #state: State = { kind: "closed" };

  /** @param send sends a probe, or all deliveries once the breaker closes */
  constructor(send: (delivery: Delivery) => void) {
    this.#send = send;
  }

  get isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  /** Deliveries kept, without the probe. */
  get size(): number {
    return this.#held.size;
  }

  /** Keeps a delivery that was not sent, while the breaker is not closed. */
  keep(delivery: Delivery): void {
    this.#held.push(delivery);
  }

  /** Deliveries of senders that have left, taken out of those that are kept. */
  takeLeft(): Delivery[] {
    return takeLeft(this.#held);
  }

  /**
   * Keeps a delivery that upstream did not let in, and opens the breaker.
   * @returns milliseconds until the next probe; `undefined` if one is scheduled already
   */
  trip(delivery: Delivery): number | undefined {
    this.#held.push(delivery);
    return this.#state.kind === "open" ? undefined : this.#open();
  }

  /** A delivery, maybe the probe, has ended without an answer: another one is to probe. */
  probeInconclusive(): void {
    if (this.#state.kind !== "halfOpen") return;
    if (this.#held.size === 0) this.clear();
    else this.#open();
  }

  /** Sends one of the deliveries kept as a probe, at once. */
  probeNow(): void {
    const probe = this.#held.shift();
    if (probe === undefined) return;
    this.#become({ kind: "halfOpen" });
    this.#send(probe);
  }

  /** Upstream lets the app in: sends all that was kept. */
  reset(): void {
    if (this.isClosed) return;
    for (const delivery of this.clear()) this.#send(delivery);
  }

  /** Closes the breaker and returns the deliveries that it kept. */
  clear(): Delivery[] {
    this.#become({ kind: "closed" });
    this.#backOff.succeeded();
    return this.#held.clear();
  }

  #open(): number {
    this.#backOff.failed();
    const { delayMs } = this.#backOff;
    this.#become({ kind: "open", timer: setTimeout(() => this.probeNow(), delayMs) });
    return delayMs;
  }

  #become(state: State): void {
    if (this.#state.kind === "open") clearTimeout(this.#state.timer);
    this.#state = state;
  }
}
