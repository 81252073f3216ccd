import type { Endpoint } from "@apns/core";
import type { BridgeSample, LaneReport, LaneSample, RunSettings } from "../../page/protocol.js";
import type { Apple, TlsFiles } from "../../simulator/calls.js";
import type { ConnectionNote } from "../sender/calls.js";

/** What the bridge's process answers. */
export type BridgeCalls = {
  /** Starts the bridge. @returns where the legacy sender is to connect */
  open(request: {
    readonly apple: Apple;
    readonly server: TlsFiles;
    readonly settings: RunSettings;
  }): Promise<Required<Endpoint>>;
  /** Closes the bridge; called when the sender has settled everything. */
  finish(request: {
    /** How often each notification was accepted. */
    readonly accepted: Uint8Array;
    /** Whether faults were struck. */
    readonly faulty: boolean;
  }): Promise<BridgeReport>;
};

export interface BridgeReport {
  readonly lane: LaneReport;
  /** For each notification, 1 if the bridge's feedback service named its device token. */
  readonly told: Uint8Array;
}

/** The bridge's figures, sent several times a second. */
export interface BridgeEvent {
  readonly lanes: readonly LaneSample[];
  readonly notes: readonly ConnectionNote[];
  readonly notesDropped: number;
  readonly bridge: BridgeSample;
}
