import type { Clock } from "@apns/core";

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** A clock that moves only when told. */
export class FakeClock implements Clock {
  #now: number;
  #alarms: Alarm[] = [];

  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Calls back once the clock has moved on by so much. Returns how to call it off. */
  after(milliseconds: number, callback: () => void): () => void {
    const alarm: Alarm = { at: this.#now + milliseconds, ring: callback };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** What becomes due on the way rings in its order, each at its own time. */
  advance(milliseconds: number): void {
    const target = this.#now + milliseconds;
    for (let next = this.#nextUntil(target); next !== undefined; next = this.#nextUntil(target)) {
      this.#alarms = this.#alarms.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    this.#now = target;
  }

  /** The earliest that is due by then; of several, the one set first. */
  #nextUntil(target: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms)
      if (alarm.at <= target && (next === undefined || alarm.at < next.at)) next = alarm;
    return next;
  }
}
