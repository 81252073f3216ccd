import type { AppStats } from "../upstream/app-options.js";
import type { MigrationReport } from "./report.js";

export interface BridgeStats {
  readonly gatewayConnections: number;
  readonly feedbackConnections: number;
  readonly connectionsOpened: number;
  /** Connections of unlisted senders that are held; see `unlistedSenders`. */
  readonly unlistedConnections: number;
  /** Connections turned away, by cause: `handshake`, `certificate` (damaged), `stranger`, `sender limit`, `limit`, `closing`. */
  readonly turnedAway: Readonly<Record<string, number>>;
  /** How gateway connections ended: `status 8`, `closed`, `finished`. */
  readonly endings: Readonly<Record<string, number>>;
  /** Notifications read, and not decided yet. */
  readonly undecided: number;
  /** Deliveries remembered because their frames were reported as discarded. */
  readonly remembered: number;
  /** Deliveries among them that were forgotten for want of room. */
  readonly forgotten: number;
  /** Feedback tuples read in full, and taken off the list. */
  readonly feedbackRead: number;
  /** Feedback tuples that wait, by topic. */
  readonly feedbackWaiting: Readonly<Record<string, number>>;
  readonly apps: Readonly<Record<string, AppStats>>;
}

/** A bridge, as its operators see it. */
export interface OperatedBridge {
  /** Whether it takes new connections, and at least one app's upstream can be reached as far as is known. */
  readonly ready: boolean;
  /** The names of the apps whose upstream cannot be reached at the moment. */
  readonly unreachableApps: readonly string[];
  /** The names of the apps that upstream does not let in at the moment. */
  readonly heldApps: readonly string[];
  stats(): BridgeStats;
  report(): MigrationReport;
}
