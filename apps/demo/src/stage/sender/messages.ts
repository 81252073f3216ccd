import type { LaneReport, LaneSample, RunSettings, WireName } from "../../page/protocol.js";
import type { Apple } from "../../simulator/messages.js";

/** From the stage to a process that sends. */
export type ToSender =
  /** Connects, and says `ready`; sending begins with `go`. */
  | {
      readonly type: "open";
      readonly apple: Apple;
      readonly settings: RunSettings;
      readonly wires: readonly WireName[];
    }
  | { readonly type: "go" }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "stop" }
  | { readonly type: "share"; readonly sharePercent: number }
  /**
   * How often each notification was really accepted, wire by wire: asks for the report.
   * `faulty`: faults were struck, so that a good device token may have been refused.
   */
  | { readonly type: "balance"; readonly accepted: Readonly<Record<WireName, Uint8Array>>; readonly faulty: boolean };

/** Something happened to a connection. */
export interface ConnectionNote {
  readonly wire: WireName;
  readonly text: string;
}

/** From a process that sends. */
export type FromSender =
  | { readonly type: "ready" }
  | {
      readonly type: "sample";
      readonly lanes: readonly LaneSample[];
      readonly notes: readonly ConnectionNote[];
      /** Notes left out because there were too many at a time. */
      readonly notesDropped: number;
    }
  /** Everything is settled. */
  | { readonly type: "settled" }
  | { readonly type: "report"; readonly lanes: readonly LaneReport[] }
  | { readonly type: "failed"; readonly message: string };
