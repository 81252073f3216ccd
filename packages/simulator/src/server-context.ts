import type { Clock } from "@apns/core";
import type { Faults } from "./faults/faults.js";
import type { Timers } from "./io/timers.js";
import type { Quirks } from "./quirks.js";
import type { ReceivedLog } from "./received.js";
import type { World } from "./world/world.js";

/** What all servers of one simulator share: HTTP/2, channel management, gateway and feedback service. */
export interface ServerContext {
  readonly world: World;
  readonly faults: Faults;
  readonly quirks: Quirks;
  readonly log: ReceivedLog;
  readonly clock: Clock;
  /** Timers of connection handling (lingering, pieces of a split write), by the machine's clock. */
  readonly timers: Timers;
  /** Timers of durations that an option, quirk or fault sets, by the simulator's clock if it has `after`. */
  readonly clockTimers: Timers;
  readonly random: () => number;
}
