import type { FaultCounts, FaultName, PhoneView } from "../../page/protocol.js";
import type { AcceptedCounts, Apple, TlsFiles } from "../../simulator/calls.js";
import type { WorkloadOptions } from "../../workload.js";

export type PhoneAction = "offline" | "online" | "uninstall" | "install" | "clear";

/** Where notifications for a phone, and for its Live Activity, go. */
export interface PhoneAddress {
  readonly deviceToken: string;
  readonly activityToken: string;
}

/** What the process of Apple's stand-in answers. */
export type AppleCalls = {
  /** `server`: a certificate of the same authority, for a server between a sender and Apple. */
  start(delayMs: number): Promise<{ readonly apple: Apple; readonly server: TlsFiles }>;
  /** Registers the device tokens of a run, and counts anew. */
  prepare(workload: WorkloadOptions): void;
  /** What was received since `prepare`. */
  counts(): AcceptedCounts;
  strike(name: FaultName): void;
  clearFaults(): void;
  actOnPhone(request: { readonly phone: number; readonly action: PhoneAction }): void;
};

export type AppleEvent =
  | { readonly type: "phones"; readonly phones: readonly PhoneView[]; readonly addresses: readonly PhoneAddress[] }
  | { readonly type: "faults"; readonly active: readonly FaultName[]; readonly struck: FaultCounts };
