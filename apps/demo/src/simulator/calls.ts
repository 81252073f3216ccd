import type { Endpoint } from "@apns/core";
import type { WorkloadOptions } from "../workload.js";

/** A certificate and its key, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Where the simulator listens, and the credentials that it accepts. */
export interface Apple {
  readonly http2: Required<Endpoint>;
  readonly gateway: Required<Endpoint>;
  readonly feedback: Required<Endpoint>;
  /** The authority that has issued all certificates, PEM. */
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

/** What the simulator's process answers. */
export type SimulatorCalls = {
  start(start: { readonly workload: WorkloadOptions; readonly delayMs: number }): Promise<Apple>;
  counts(): AcceptedCounts;
};
