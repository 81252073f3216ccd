import type { PemIdentity } from "@apns/credentials";

export interface SimulatorSetting {
  readonly deviceTokens: readonly string[];
  /** Milliseconds until an answer leaves; `undefined`: at once. */
  readonly answerAfterMs?: number;
  /** Takes everything and answers nothing. */
  readonly silent?: boolean;
}

/** What the simulator's process answers. */
export type SimulatorCalls = {
  start(setting: SimulatorSetting): Promise<SimulatorAddress>;
};

export interface SimulatorAddress {
  readonly port: number;
  readonly ca: string;
  readonly topic: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly signingKey: string;
}

export interface BridgeSetting {
  readonly simulator: SimulatorAddress;
  readonly tls: PemIdentity;
  readonly clientCa: string;
  readonly window: number;
  /** The folder of a store, so that what upstream does not take is held on disk; without one, nothing is. */
  readonly store: string | undefined;
}

/** What the bridge's process has used since the last call of `usage`. */
export interface BridgeUsage {
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
  readonly rssMiB: number;
  readonly undecided: number;
}

/** What the bridge's process answers. */
export type BridgeCalls = {
  /** @returns the port of its gateway */
  start(setting: BridgeSetting): Promise<number>;
  usage(): BridgeUsage;
};

export interface SenderSetting {
  readonly port: number;
  readonly ca: string;
  readonly tls: PemIdentity;
  readonly count: number;
  readonly command: 1 | 2;
  /** Whether each frame has a payload of its own. */
  readonly personal: boolean;
  readonly deviceTokens: readonly string[];
  /** Write for so long, in milliseconds, instead of waiting for a verdict on everything. */
  readonly forMs?: number;
}

export interface SenderFigures {
  readonly seconds: number;
  /** 0 if the barrier was answered with its identifier, else 1. */
  readonly failed: number;
  /** Bytes that left the sender. */
  readonly bytes: number;
}
