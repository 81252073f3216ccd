import type { Endpoint } from "@apns/core";
import type { WorkloadOptions } from "../workload.js";

/** From the demo to the simulator's process. */
export type ToSimulator =
  | { readonly type: "start"; readonly workload: WorkloadOptions; readonly delayMs: number }
  | { readonly type: "count" };

/** A certificate and its key, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Where Apple stands, and what it takes to be let in. */
export interface Apple {
  readonly http2: Required<Endpoint>;
  readonly gateway: Required<Endpoint>;
  readonly feedback: Required<Endpoint>;
  /** What has issued all certificates, as PEM. */
  readonly ca: string;
  readonly topic: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly signingKey: string;
  readonly tls: TlsFiles;
}

/** For each device of the workload, how often a notification for it was accepted; 255 means that often or oftener. */
export interface AcceptedCounts {
  readonly http2: Uint8Array;
  readonly binary: Uint8Array;
}

/** From the simulator's process to the demo. */
export type FromSimulator =
  | { readonly type: "ready"; readonly apple: Apple }
  | { readonly type: "counts"; readonly counts: AcceptedCounts }
  | { readonly type: "failed"; readonly message: string };
