import type { Clock } from "@apns/core";
import type { Faults } from "./faults/faults.js";
import type { Timers } from "./io/timers.js";
import type { Quirks } from "./quirks.js";
import type { ReceivedLog } from "./received.js";
import type { World } from "./world/world.js";

/** What every front stands on. */
export interface Surroundings {
  readonly world: World;
  readonly faults: Faults;
  readonly quirks: Quirks;
  readonly log: ReceivedLog;
  readonly clock: Clock;
  /** Of what keeps connections in order, by the machine's clock. */
  readonly timers: Timers;
  /** Of what lasts as long as somebody said: by the simulator's clock, if that can call back. */
  readonly clockTimers: Timers;
  readonly random: () => number;
}
