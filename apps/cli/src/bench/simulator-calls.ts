import type { Endpoint, Wire } from "@apns/core";

/** Where the simulator listens, and the credentials that it accepts. */
export interface Apple {
  readonly http2: Endpoint;
  readonly gateway: Endpoint;
  readonly topic: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly signingKey: string;
  readonly cert: string;
  readonly key: string;
}

export interface SimulatorStart {
  /** How many device tokens there are. */
  readonly count: number;
  readonly delayMs: number;
}

/** What the simulator's process answers. */
export type SimulatorCalls = {
  start(start: SimulatorStart): Promise<Apple>;
  /** For each device, how often a notification for it was accepted; 255 means that often or oftener. */
  accepted(wire: Wire): Uint8Array;
};
