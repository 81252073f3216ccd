import type { Clock } from "@apns/core";

/** A clock that moves only when told. */
export class FakeClock implements Clock {
  #now: number;

  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
