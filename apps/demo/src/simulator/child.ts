// The simulator in a process of its own: the CPU time measured is the client's alone, and what the client was told can be
// compared with what another process received.
import { answerParent } from "@apns/processes";
import { startSimulator } from "@apns/simulator";
import { indexOf, Workload, type WorkloadOptions } from "../workload.js";
import type { AcceptedCounts, Apple, SimulatorCalls } from "./calls.js";

let counts: AcceptedCounts;

async function start(options: WorkloadOptions, delayMs: number): Promise<Apple> {
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
  return { http2, gateway, feedback, ca, topic, teamId, keyId, signingKey, tls };
}

answerParent<SimulatorCalls>({
  start: ({ workload, delayMs }) => start(workload, delayMs),
  counts: () => counts,
});
