import { rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Simulator } from "@apns/simulator";
import { UsageError } from "../errors.js";
import { reasonOf } from "../files/reason-of.js";

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
    await writeWhole(join(folder, "apns.json"), `${JSON.stringify(config, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--dir: ${reasonOf(error, folder)}`);
  }
}

/** For its owner alone. People and scripts wait for the file, so it is there with all that is in it, or not at all. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}`);
  await writeFile(unfinished, content, { mode: 0o600 });
  await rename(unfinished, path);
}
