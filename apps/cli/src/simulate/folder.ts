import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeP12 } from "@apns/credentials";
import type { Simulator } from "@apns/simulator";
import { UsageError } from "../errors.js";
import { reasonOf } from "../input.js";

/** Of the simulator's .p12. Not a secret: what it opens is thrown away with the simulator. */
const folderPassphrase = "apns";

/**
 * Writes what a sender needs, and an apns.json that names it, readable for its owner alone.
 * @throws {UsageError} if the folder cannot be written
 */
export async function writeFolder(
  { credentials, http2, gateway, feedback, channels }: Simulator,
  folder: string,
  environment: string,
): Promise<void> {
  const { ca, signingKey, keyId, teamId, topic, tls } = credentials;
  const key = `AuthKey_${keyId}.p8`;
  const config = {
    environment,
    host: http2.host,
    ports: { http2: http2.port, gateway: gateway.port, feedback: feedback.port, channels: channels.port },
    ca: "ca.pem",
    topic,
    key,
    keyId,
    teamId,
    cert: "client.pem",
  };
  const files: readonly (readonly [name: string, content: string | Uint8Array])[] = [
    ["ca.pem", ca],
    [key, signingKey],
    ["client.pem", tls.cert + tls.key],
    ["client.p12", writeP12(tls, { passphrase: folderPassphrase })],
    ["apns.json", `${JSON.stringify(config, null, 2)}\n`],
  ];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [name, content] of files) await writeFile(join(folder, name), content, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`--dir: ${reasonOf(error)}`);
  }
}
