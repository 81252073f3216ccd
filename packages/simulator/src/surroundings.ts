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
  readonly timers: Timers;
  readonly random: () => number;
}
