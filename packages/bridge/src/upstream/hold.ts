import type { Delivery } from "./delivery.js";

const firstProbeMs = 1_000;
const longestProbeMs = 30_000;

/**
 * Deliveries kept back because upstream lets none of an app in. One of them is sent now and then, a different one each
 * time; when it gets through, all follow.
 */
export class Hold {
  readonly #send: (delivery: Delivery) => void;
  #held: Delivery[] = [];
  #active = false;
  #probing = false;
  #delayMs = firstProbeMs;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (delivery: Delivery) => void) {
    this.#send = send;
  }

  get active(): boolean {
    return this.#active;
  }

  get size(): number {
    return this.#held.length;
  }

  /**
   * Keeps a delivery back. Returns the milliseconds until the next probe if that was set by this call, as after a probe
   * that failed.
   */
  add(delivery: Delivery): number | undefined {
    this.#held.push(delivery);
    const wasActive = this.#active;
    this.#active = true;
    if (this.#timer !== undefined || (wasActive && !this.#probing)) return undefined;
    return this.#probeLater();
  }

  /** A delivery has ended that tells nothing of being let in, maybe the probe: another one is sent. */
  probeAgain(): void {
    if (!this.#active || this.#timer !== undefined || !this.#probing) return;
    if (this.#held.length === 0) this.clear();
    else this.#probeLater();
  }

  /** Sends one of those held at once. */
  probeNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const probe = this.#held.shift();
    if (probe === undefined) return;
    this.#probing = true;
    this.#send(probe);
  }

  #probeLater(): number {
    this.#probing = false;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(longestProbeMs, delayMs * 2);
    this.#timer = setTimeout(() => this.probeNow(), delayMs);
    return delayMs;
  }

  /** The app is let in: sends all that was held. */
  release(): void {
    if (!this.#active) return;
    for (const delivery of this.clear()) this.#send(delivery);
  }

  /** Ends the hold and returns what was held. */
  clear(): Delivery[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#active = false;
    this.#probing = false;
    this.#delayMs = firstProbeMs;
    const held = this.#held;
    this.#held = [];
    return held;
  }
}
