import type { Fault } from "@apns/simulator";

/** What the command line of `apns simulate` says. */
export interface SimulateFlags {
  readonly dir: string;
  readonly host: string;
  readonly port: number;
  readonly gatewayPort: number;
  readonly feedbackPort: number;
  readonly channelsPort: number;
  readonly controlPort?: number;
  readonly device: readonly string[];
  readonly acceptUnknown?: boolean;
  readonly environment: "production" | "development";
  readonly bundleId: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly latencyMs: number;
  readonly seed?: number;
  readonly rsa?: boolean;
  readonly legacyTls?: boolean;
  readonly devices?: string;
  readonly fault: readonly Fault[];
  readonly json?: boolean;
}
