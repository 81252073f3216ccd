import { type Simulator, type SimulatorOptions, startSimulator } from "@apns/simulator";
import { onTestFinished } from "vitest";
import { Notification, Provider, type ProviderOptions } from "../src/index.js";

export const phone = "cd".repeat(32);
export const gone = "dead".repeat(16);
export const unknown = "ab".repeat(32);
export const apnsId = "123e4567-e89b-12d3-a456-42665544000a";

/** A simulator with one device that is there and one that is gone. */
export async function startApple(options: SimulatorOptions = {}): Promise<Simulator> {
  const apple = await startSimulator(options);
  onTestFinished(() => apple.close());
  apple.world.register([phone, gone]);
  apple.world.unregister(gone, 1_700_000_000_123);
  return apple;
}

/** The options that lead to the simulator. */
export function leadingTo({ http2, channels, credentials }: Simulator): ProviderOptions {
  const { signingKey, keyId, teamId } = credentials;
  return {
    token: { key: Buffer.from(signingKey), keyId, teamId },
    address: http2.host,
    port: http2.port,
    manageChannelsAddress: channels.host,
    manageChannelsPort: channels.port,
    ca: [http2.ca as string],
  };
}

export function providerOf(apple: Simulator, options: ProviderOptions = {}): Provider {
  const provider = new Provider({ ...leadingTo(apple), ...options });
  onTestFinished(() => provider.shutdown());
  return provider;
}

export function greeting(properties: object = {}): Notification {
  return new Notification({ topic: "com.example.App", pushType: "alert", alert: "Hi", ...properties });
}

export const tokens = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => index.toString(16).padStart(64, "0"));
