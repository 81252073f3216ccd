import type { Endpoint } from "@apns/core";
import type { BridgeSample, LaneReport, LaneSample, RunSettings } from "../../page/protocol.js";
import type { Apple, TlsFiles } from "../../simulator/messages.js";
import type { ConnectionNote } from "../sender/messages.js";

/** From the stage to the bridge's process. */
export type ToBridge =
  | { readonly type: "open"; readonly apple: Apple; readonly server: TlsFiles; readonly settings: RunSettings }
  /**
   * The sender has settled everything: asks for the report.
   * `accepted`: how often each notification was really accepted. `faulty`: faults were struck.
   */
  | { readonly type: "finish"; readonly accepted: Uint8Array; readonly faulty: boolean };

/** From the bridge's process. */
export type FromBridge =
  /** Where the legacy sender is to connect. */
  | { readonly type: "ready"; readonly gateway: Required<Endpoint> }
  | {
      readonly type: "sample";
      readonly lanes: readonly LaneSample[];
      readonly notes: readonly ConnectionNote[];
      readonly notesDropped: number;
      readonly bridge: BridgeSample;
    }
  | {
      readonly type: "report";
      readonly lane: LaneReport;
      /** For each notification, whether the bridge's feedback service has told that the app is gone. */
      readonly told: Uint8Array;
    }
  | { readonly type: "failed"; readonly message: string };
