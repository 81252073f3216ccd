// What bridge.yaml says, for all that the command does with it.
import { dirname, resolve } from "node:path";
import {
  type BridgeOptions,
  checkBridgeOptions,
  memoryFeedbackStore,
  type StoresOptions,
  shadowTransport,
} from "@apns/bridge";
import { type BridgeConfig, ConfigError, ConfigFile, toBridgeOptions } from "@apns/bridge/config";
import { showPath } from "@apns/core/internal";
import { describePushCertificate } from "@apns/credentials";
import type { Logger } from "pino";
import { UsageError } from "../errors.js";
import { readGivenFileSync } from "../files/given-file.js";
import { Audit } from "./audit.js";
import type { BridgeFlags } from "./flags.js";
import { readBridgeFile } from "./given-files.js";
import type { Upstreams } from "./upstreams.js";

/** @throws {UsageError} with every mistake's place */
export function readConfig(path: string): ConfigFile {
  const { content } = readGivenFileSync(
    { value: path, from: "--config" },
    // The text of a configuration is no credential; it is always a path.
    { contentOf: () => undefined, refuse: (from, problem) => new UsageError(`${from}: ${problem}`) },
  );
  try {
    return ConfigFile.parse(content.toString("utf8"), showPath(path));
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

/** Mistakes in the file as mistakes of the command line's. */
export function asUsage(file: ConfigFile, error: unknown): unknown {
  const located = file.locate(error);
  return located instanceof ConfigError ? new UsageError(located.message) : located;
}

export function makeOptions(
  file: ConfigFile,
  path: string,
  { feedbackStore, holdStore, reportStore }: Pick<BridgeOptions, "feedbackStore" | "holdStore" | "reportStore">,
  upstreams: Upstreams,
  running?: { readonly log: Logger; readonly audit: Audit; readonly flags: BridgeFlags },
): BridgeOptions {
  return toBridgeOptions(file, {
    folder: dirname(path),
    readFile: readBridgeFile,
    feedbackStore,
    // A dry run must not take what is held for sent.
    holdStore: file.config.hold === "off" || running?.flags.shadow === true ? undefined : holdStore,
    ...(reportStore === undefined ? {} : { reportStore }),
    readCertificate: (der) => {
      const { uid, topics } = describePushCertificate(der);
      return { uid, topics: topics.map(({ topic }) => topic) };
    },
    transportFor: (app) => {
      const transport = upstreams.transportFor(app, file.config.apps.indexOf(app));
      if (running?.flags.shadow !== true) return transport;
      return shadowTransport((send) => running.log.info({ app: app.name, ...send }, "This would be sent."));
    },
    ...(running === undefined ? {} : { log: running.log, onRejected: (rejection) => running.audit.write(rejection) }),
  });
}

/**
 * The options, checked as `startBridge` checks them; opens nothing.
 * @throws {InvalidArgumentError} naming the option that is wrong
 */
export function checkOptions(file: ConfigFile, path: string, upstreams: Upstreams): BridgeOptions {
  const options = makeOptions(file, path, { feedbackStore: memoryFeedbackStore() }, upstreams);
  checkBridgeOptions(options);
  return options;
}

/** @throws {InvalidArgumentError} if its file cannot be opened */
export function openAudit(config: BridgeConfig, folder: string, log: Logger): Audit {
  return new Audit(auditFile(config, folder)?.path, log, {
    hasPayload: typeof config.audit === "object" && config.audit.payload === true,
  });
}

/** The file of the audit, and the setting that names it. */
export function auditFile(
  { audit }: BridgeConfig,
  folder: string,
): { readonly field: string; readonly path: string } | undefined {
  if (audit === undefined) return undefined;
  if (typeof audit === "string") return { field: "audit", path: resolve(folder, audit) };
  return { field: "audit.file", path: resolve(folder, audit.file) };
}

export function holdLimits({ hold }: BridgeConfig): Pick<StoresOptions, "maxHeld" | "maxHeldBytes"> {
  if (hold === undefined || hold === "off") return {};
  const { maxNotifications, maxBytes } = hold;
  return {
    ...(maxNotifications === undefined ? {} : { maxHeld: maxNotifications }),
    ...(maxBytes === undefined ? {} : { maxHeldBytes: maxBytes }),
  };
}
