import type { LaneReport, LaneSample, RunSettings, WireName } from "../../page/protocol.js";
import type { Apple } from "../../simulator/calls.js";

/** What a sending process answers. */
export type SenderCalls = {
  /** Connects; sending begins with `run`. */
  open(request: { readonly apple: Apple; readonly settings: RunSettings; readonly wires: readonly WireName[] }): void;
  /** Sends everything. @returns when everything is settled */
  run(): Promise<void>;
  pause(): void;
  resume(): void;
  stop(): void;
  setShare(sharePercent: number): void;
  report(request: {
    /** How often each notification was accepted, wire by wire. */
    readonly accepted: Readonly<Record<WireName, Uint8Array>>;
    /** Whether faults were struck: then a good device token may have been refused. */
    readonly faulty: boolean;
  }): readonly LaneReport[];
};

/** Something happened to a connection. */
export interface ConnectionNote {
  readonly wire: WireName;
  readonly text: string;
}

/** A sender's figures, sent several times a second. */
export interface SenderEvent {
  readonly lanes: readonly LaneSample[];
  readonly notes: readonly ConnectionNote[];
  /** Notes left out because there were too many at a time. */
  readonly notesDropped: number;
}
