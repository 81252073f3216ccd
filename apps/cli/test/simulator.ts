// The simulator in the test's own process, and a folder with its credentials as a person would have them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, type SimulatorOptions, startSimulator } from "@apns/simulator";
import { onTestFinished } from "vitest";

export interface Apple {
  readonly simulator: Simulator;
  /** Has apns.json, key.p8, push.pem and ca.pem; commands run here find all they need. */
  readonly folder: string;
  /** Writes a file into the folder; its path. */
  write(name: string, content: string | Uint8Array): string;
}

/** Everything is closed and removed with the test. */
export async function startApple(options: SimulatorOptions = {}): Promise<Apple> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  const folder = mkdtempSync(join(tmpdir(), "apns-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const { credentials, http2, gateway, feedback, channels } = simulator;
  write("ca.pem", credentials.ca);
  write("key.p8", credentials.signingKey);
  write("push.pem", `${credentials.tls.cert}${credentials.tls.key}`);
  write(
    "apns.json",
    JSON.stringify({
      environment: "production",
      host: http2.host,
      ports: { http2: http2.port, gateway: gateway.port, feedback: feedback.port, channels: channels.port },
      ca: "ca.pem",
      key: "key.p8",
      keyId: credentials.keyId,
      teamId: credentials.teamId,
      topic: credentials.topic,
      cert: "push.pem",
    }),
  );
  return { simulator, folder, write };
}

/** Device token number `index`. */
export function tokenOf(index: number): string {
  return index.toString(16).padStart(64, "0");
}
