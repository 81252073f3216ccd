import { rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Simulator } from "@apns/simulator";
import { UsageError } from "../errors.js";
import { reasonOf } from "../input.js";

/**
 * Writes what a sender needs, and an apns.json that names it, readable for its owner alone.
 * @throws {UsageError} if the folder cannot be written
 */
export async function writeFolder(simulator: Simulator, folder: string, environment: string): Promise<void> {
  const { credentials, http2, gateway, feedback, channels } = simulator;
  const { keyId, teamId, topic } = credentials;
  try {
    const { ca, signingKey, client } = await simulator.writeCredentials(folder);
    const config = {
      environment,
      host: http2.host,
      ports: { http2: http2.port, gateway: gateway.port, feedback: feedback.port, channels: channels.port },
      ca: basename(ca),
      topic,
      key: basename(signingKey),
      keyId,
      teamId,
      cert: basename(client),
    };
    // People and scripts wait for this file, so it is there with all that is in it, or not at all.
    const unfinished = join(folder, `.apns.json.${process.pid}`);
    await writeFile(unfinished, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
    await rename(unfinished, join(folder, "apns.json"));
  } catch (error) {
    throw new UsageError(`--dir: ${reasonOf(error)}`);
  }
}
