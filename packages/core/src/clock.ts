/** The source of the current time; tests pass one that stands still. */
export interface Clock {
  /** Milliseconds since the UNIX epoch. */
  now(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() };
