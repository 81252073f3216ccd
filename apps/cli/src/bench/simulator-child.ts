// The simulator's process; see simulator-process.ts.
import type { Wire } from "@apns/core";
import { startSimulator } from "@apns/simulator";
import { indexOfGenerated } from "./device-tokens.js";
import type { FromSimulator, ToSimulator } from "./simulator-process.js";

/** By device. */
let accepted: Readonly<Record<Wire, Uint8Array>> | undefined;

function tell(message: FromSimulator): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.exit();
  });
}

async function start({ count, delayMs }: ToSimulator & { type: "start" }): Promise<void> {
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
  tell({
    type: "ready",
    apple: { http2: apple.http2, gateway: apple.gateway, topic, teamId, keyId, signingKey, ...tls },
  });
}

process.on("message", (message: ToSimulator) => {
  if (message.type === "start") {
    start(message).catch((error: Error) => tell({ type: "failed", message: error.message }));
  } else if (accepted !== undefined) {
    tell({ type: "counted", accepted: accepted[message.wire] });
  }
});

// The bench is gone: nobody is left to ask.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole process group; the bench decides when this one ends.
process.on("SIGINT", () => {});
