import { dirname, resolve } from "node:path";
import { showPath } from "@apns/core/internal";
import { print, printJson } from "../terminal/output.js";
import { checkWritable } from "./check-writable.js";
import { asUsage, auditFile, checkOptions, readConfig } from "./configuration.js";
import type { BridgeFlags } from "./flags.js";
import { Upstreams } from "./upstreams.js";

/**
 * `apns bridge --check`: whether a bridge could be started with this file; it opens nothing.
 * @throws {UsageError} with every mistake's place
 */
export async function checkConfig({ config: path, json }: BridgeFlags): Promise<void> {
  const file = readConfig(path);
  const upstreams = new Upstreams(dirname(path));
  try {
    const { apps, senders } = checkOptions(file, path, upstreams);
    checkWritable("store", resolve(dirname(path), file.config.store), "folder");
    const audit = auditFile(file.config, dirname(path));
    if (audit !== undefined) checkWritable(audit.field, audit.path, "file");
    if (json) printJson({ ok: true, apps: apps.map(({ name }) => name), senders: senders.map(({ name }) => name) });
    else print(`${showPath(path)} is right: ${apps.length} app(s), ${senders.length} sender(s).`);
  } catch (error) {
    throw asUsage(file, error);
  } finally {
    await upstreams.rollBack();
  }
}
