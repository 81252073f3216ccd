import type { Wire } from "@apns/core";
import type { SettingFlags } from "../settings/settings.js";

/** What the command line of `apns bench` says. */
export interface BenchFlags extends SettingFlags {
  readonly count: number;
  readonly transport: Wire | "both";
  readonly delayMs: number;
  readonly connections: number;
  readonly reconnectEvery: number;
  readonly to?: string;
  readonly confirmHost?: string;
  readonly json?: boolean;
}
