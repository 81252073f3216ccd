// The faithful simulator, in a process of its own: it decodes every header, knows every device token, and judges.
import { answerParent } from "@apns/processes";
import { startSimulator } from "@apns/simulator";
import type { SimulatorAddress, SimulatorCalls, SimulatorSetting } from "./setting.js";

async function start({ deviceTokens, answerAfterMs, silent }: SimulatorSetting): Promise<SimulatorAddress> {
  const apple = await startSimulator({ maxReceived: 0, bundleId: "com.example.App" });
  apple.world.register(deviceTokens);
  if (answerAfterMs !== undefined) apple.faults.add({ type: "delay", ms: answerAfterMs });
  if (silent === true) apple.faults.add({ type: "blackHole", answersPing: true });
  const { http2, credentials } = apple;
  const { topic, teamId, keyId, signingKey, ca } = credentials;
  return { port: http2.port, ca, topic, teamId, keyId, signingKey };
}

answerParent<SimulatorCalls>({ start });
