/** Calls back after so many milliseconds; returns how to call it off. */
export type Schedule = (ms: number, callback: () => void) => () => void;

const byTheMachine: Schedule = (ms, callback) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/** Timers that end with their owner, so that closing a simulator leaves nothing that could still fire. */
export class Timers {
  readonly #schedule: Schedule;
  /** How to call off each one under way. */
  readonly #underWay = new Set<() => void>();
  #closed = false;

  constructor(schedule: Schedule = byTheMachine) {
    this.#schedule = schedule;
  }

  /** Calls back after so many milliseconds, unless the owner is closed by then. Returns how to call it off. */
  after(ms: number, callback: () => void): () => void {
    if (this.#closed) return () => {};
    const cancel = this.#schedule(ms, () => {
      this.#underWay.delete(cancel);
      callback();
    });
    this.#underWay.add(cancel);
    return () => {
      cancel();
      this.#underWay.delete(cancel);
    };
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#underWay) cancel();
    this.#underWay.clear();
  }
}
