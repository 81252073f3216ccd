// The simulator, in a process of its own: so that the CPU time measured is the client's alone, and so that what the
// client believes can be checked against what another process really received.
import { startSimulator } from "@apns/simulator";
import { indexOf, Workload } from "../workload.js";
import type { AcceptedCounts, FromSimulator, ToSimulator } from "./messages.js";

let counts: AcceptedCounts | undefined;

function tell(message: FromSimulator): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.exit();
  });
}

async function start({ workload: options, delayMs }: ToSimulator & { type: "start" }): Promise<void> {
  const workload = new Workload(options);
  const { count } = workload;
  const accepted: AcceptedCounts = { http2: new Uint8Array(count), binary: new Uint8Array(count) };
  counts = accepted;
  const apple = await startSimulator({
    latencyMs: delayMs,
    maxReceived: 0,
    onReceived: ({ wire, deviceToken, verdict }) => {
      const seen = accepted[wire];
      const index = indexOf(deviceToken);
      if (verdict.kind === "accepted" && seen[index]! < 255) seen[index]!++;
    },
  });
  for (let index = 0; index < count; index++) {
    const kind = workload.kind(index);
    if (kind === "bad") continue;
    apple.world.register(workload.deviceToken(index));
    if (kind === "unregistered") apple.world.unregister(workload.deviceToken(index));
  }
  const { topic, teamId, keyId, signingKey, tls, ca } = apple.credentials;
  const { http2, gateway, feedback } = apple;
  tell({ type: "ready", apple: { http2, gateway, feedback, ca, topic, teamId, keyId, signingKey, tls } });
}

process.on("message", (message: ToSimulator) => {
  if (message.type === "start") {
    start(message).catch((error: Error) => tell({ type: "failed", message: error.message }));
  } else if (counts !== undefined) {
    tell({ type: "counts", counts });
  }
});

// The demo is gone: nobody is left to ask, and nothing here is worth keeping.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole process group; the demo decides when this one ends.
process.on("SIGINT", () => {});
