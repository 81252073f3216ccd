import type { Wire } from "@apns/core";
import type { PayloadFlags } from "../payload/options.js";
import type { SettingFlags } from "../settings/settings.js";
import type { ListFormat } from "./targets/read-list.js";

/** What the command line of `apns send` says. */
export interface SendFlags extends PayloadFlags, SettingFlags {
  readonly to?: string;
  readonly toFormat?: ListFormat;
  readonly encoding?: string;
  readonly strict?: boolean;
  readonly transport: Wire;
  readonly format?: "simple" | "enhanced" | "framed";
  readonly priority?: string;
  readonly expiration?: string;
  readonly collapseId?: string;
  readonly apnsId?: string;
  readonly connections?: number;
  readonly retries: number;
  readonly timeout: number;
  readonly rate?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly resendUnconfirmed?: boolean;
  readonly dryRun?: boolean;
  readonly hex?: boolean;
  readonly json?: boolean;
}
