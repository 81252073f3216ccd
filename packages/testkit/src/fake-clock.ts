import type { Clock } from "@apns/core";

interface FakeTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock with timers that moves only by `advance`. */
export class FakeClock implements Clock {
  #now: number;
  #timers: FakeTimer[] = [];

  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Sets a timer. Returns a function that cancels it. */
  after(milliseconds: number, callback: () => void): () => void {
    const timer: FakeTimer = { at: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves the clock, and fires the timers that become due, in order, each at its own time. */
  advance(milliseconds: number): void {
    const target = this.#now + milliseconds;
    for (let next = this.#nextUntil(target); next !== undefined; next = this.#nextUntil(target)) {
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = target;
  }

  /** The earliest timer due at `target`; of several, the one set first. */
  #nextUntil(target: number): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.#timers)
      if (timer.at <= target && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }
}
