import { dirname } from "node:path";
import type { AppConfig } from "@apns/bridge/config";
import { pino } from "pino";
import { UsageError } from "../errors.js";
import { ExitCode } from "../exit-code.js";
import { print, printJson } from "../terminal/output.js";
import { asUsage, auditFile, openAudit, readConfig } from "./configuration.js";
import type { BridgeFlags } from "./flags.js";
import { describeReplay, type ReplayTarget, replay } from "./replay.js";
import { Upstreams } from "./upstreams.js";

/**
 * `apns bridge --replay`: sends again what the audit says was lost, once.
 * @throws {UsageError} if the configuration is wrong, or names no audit
 */
export async function replayAudit(flags: BridgeFlags): Promise<void> {
  const file = readConfig(flags.config);
  const { config } = file;
  const folder = dirname(flags.config);
  const audit = auditFile(config, folder);
  if (audit === undefined) {
    throw new UsageError("--replay: the configuration names no audit, so that nothing is known.");
  }
  const upstreams = new Upstreams(folder);
  try {
    const targets = new Map(config.apps.map((app, index) => [app.name, targetOf(app, index, upstreams)]));
    upstreams.commit();
    const writer = openAudit(config, folder, pino({ level: "silent" }));
    const result = await replay(audit.path, targets, writer, { includesUncertain: flags.uncertain ?? false });
    writer.close();
    if (flags.json) printJson(result);
    else print(...describeReplay(result));
    if (result.notAccepted > 0) process.exitCode = ExitCode.rejected;
  } catch (error) {
    throw asUsage(file, error);
  } finally {
    await upstreams.rollBack();
    await upstreams.close({ timeoutMs: 0 });
  }
}

function targetOf(app: AppConfig, index: number, upstreams: Upstreams): ReplayTarget {
  return { topic: app.topic, transport: upstreams.transportFor(app, index) };
}
