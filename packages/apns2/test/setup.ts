import { type Simulator, type SimulatorOptions, startSimulator } from "@apns/simulator";
import { onTestFinished } from "vitest";
import { ApnsClient, type ApnsOptions, Notification, type NotificationOptions } from "../src/index.js";

export const phone = "cd".repeat(32);
export const gone = "dead".repeat(16);
export const unknown = "ab".repeat(32);

/** A simulator with one device that is there and one that is gone. */
export async function startApple(options: SimulatorOptions = {}): Promise<Simulator> {
  const apple = await startSimulator(options);
  onTestFinished(() => apple.close());
  apple.world.register([phone, gone]);
  apple.world.unregister(gone, 1_700_000_000_123);
  return apple;
}

export function clientOf({ credentials, http2 }: Simulator, options: Partial<ApnsOptions> = {}): ApnsClient {
  const client = new ApnsClient({
    team: credentials.teamId,
    keyId: credentials.keyId,
    signingKey: credentials.signingKey,
    defaultTopic: credentials.topic,
    host: http2.host,
    port: http2.port,
    ca: http2.ca,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

export const greeting = (deviceToken = phone, options: NotificationOptions = {}): Notification =>
  new Notification(deviceToken, { alert: "Hi", ...options });

export const tokens = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => index.toString(16).padStart(64, "0"));
