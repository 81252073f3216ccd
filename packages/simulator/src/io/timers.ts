import type { ScheduleTimer } from "@apns/net";

const systemTimer: ScheduleTimer = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

/** Timers that end with their owner: nothing fires after a simulator is closed. */
export class Timers {
  readonly #schedule: ScheduleTimer;
  /** What cancels each timer that runs. */
  readonly #pending = new Set<() => void>();
  #closed = false;

  constructor(schedule: ScheduleTimer = systemTimer) {
    this.#schedule = schedule;
  }

  /** Calls back after so many milliseconds, unless the owner is closed by then. Returns what cancels the timer. */
  readonly after: ScheduleTimer = (delayMs, callback) => {
    if (this.#closed) return () => {};
    const cancel = this.#schedule(delayMs, () => {
      this.#pending.delete(cancel);
      callback();
    });
    this.#pending.add(cancel);
    return () => {
      cancel();
      this.#pending.delete(cancel);
    };
  };

  close(): void {
    this.#closed = true;
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
  }
}
