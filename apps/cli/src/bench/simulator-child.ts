// The simulator's process; see simulator-process.ts.
import type { Wire } from "@apns/core";
import { answerParent } from "@apns/processes";
import { startSimulator } from "@apns/simulator";
import { indexOfGenerated } from "./device-tokens.js";
import type { Apple, SimulatorCalls, SimulatorStart } from "./simulator-calls.js";

/** By device. */
let accepted: Readonly<Record<Wire, Uint8Array>>;

async function start({ count, delayMs }: SimulatorStart): Promise<Apple> {
  const counts = { http2: new Uint8Array(count), binary: new Uint8Array(count) };
  accepted = counts;
  const apple = await startSimulator({
    latencyMs: delayMs,
    unknownDeviceTokens: "accept",
    maxReceived: 0,
    onReceived: ({ wire, deviceToken, verdict }) => {
      const seen = counts[wire];
      const index = indexOfGenerated(deviceToken);
      if (verdict.kind === "accepted" && seen[index]! < 255) seen[index]!++;
    },
  });
  const { topic, teamId, keyId, signingKey, tls } = apple.credentials;
  return { http2: apple.http2, gateway: apple.gateway, topic, teamId, keyId, signingKey, ...tls };
}

answerParent<SimulatorCalls>({ start, accepted: (wire) => accepted[wire] });
