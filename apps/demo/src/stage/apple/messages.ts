import type { FaultName, PhoneView } from "../../page/protocol.js";
import type { AcceptedCounts, Apple, TlsFiles } from "../../simulator/messages.js";
import type { WorkloadOptions } from "../../workload.js";

export type PhoneAction = "offline" | "online" | "uninstall" | "install" | "clear";

/** From the stage to Apple's process. `prepare` and `counts` are answered in the order they came. */
export type ToApple =
  | { readonly type: "start"; readonly delayMs: number }
  /** Registers the device tokens of a run, and counts anew. */
  | { readonly type: "prepare"; readonly workload: WorkloadOptions }
  | { readonly type: "counts" }
  | { readonly type: "fault"; readonly name: FaultName }
  | { readonly type: "clearFaults" }
  | { readonly type: "phone"; readonly phone: number; readonly action: PhoneAction };

/** What the devices are called in the world: where notifications for a phone, and for its Live Activity, go. */
export interface PhoneAddress {
  readonly deviceToken: string;
  readonly activityToken: string;
}

/** From Apple's process to the stage. */
export type FromApple =
  /** `server`: of the same authority, for what stands between a sender and Apple. */
  | { readonly type: "ready"; readonly apple: Apple; readonly server: TlsFiles }
  | { readonly type: "prepared" }
  | { readonly type: "counts"; readonly counts: AcceptedCounts }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "phones"; readonly phones: readonly PhoneView[]; readonly addresses: readonly PhoneAddress[] }
  | { readonly type: "faults"; readonly active: readonly FaultName[] };
