import type { Clock } from "@apns/core";
import { backOffDelayMs } from "@apns/core/internal";
import type { Delivery } from "./delivery.js";

/** Resolution of the delays, in milliseconds. */
const tickMs = 25;
const backOff = { baseMs: 250, maxMs: 5_000 };

/** Deliveries that wait to be tried again. One timer for all, and none while nothing waits. */
export class RetryQueue {
  readonly #clock: Clock;
  readonly #due: (delivery: Delivery) => void;
  #waiting: { readonly dueAt: number; readonly delivery: Delivery }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, due: (delivery: Delivery) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** @param atLeastMs the shortest delay, in milliseconds: `Retry-After` of upstream */
  add(delivery: Delivery, atLeastMs: number): void {
    const delayMs = backOffDelayMs(++delivery.retries, backOff);
    this.#waiting.push({ dueAt: this.#clock.now() + Math.max(delayMs, atLeastMs), delivery });
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
  }

  /** Empties the queue and returns what waited. */
  clear(): Delivery[] {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting.map(({ delivery }) => delivery);
  }

  #tick(): void {
    const now = this.#clock.now();
    const due = this.#waiting.filter(({ dueAt }) => dueAt <= now);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ dueAt }) => dueAt > now);
    if (this.#waiting.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    for (const { delivery } of due) this.#due(delivery);
  }
}
