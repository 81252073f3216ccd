// The simulator as anybody starts it, in a process of its own: faithful verdict, every device token registered, the log
// of what was received switched on.
import { answerParent } from "@apns/processes";
import { type Simulator, startSimulator } from "@apns/simulator";
import { allDeviceTokens, deviceToken, keyId, teamId, topic } from "../http2/setting.js";
import type { SimulatorCalls, SimulatorFigures, SimulatorPorts } from "./setting.js";

let apple: Simulator;

async function start(): Promise<SimulatorPorts> {
  apple = await startSimulator({ bundleId: topic, teamId, keyId });
  apple.world.register(Array.from({ length: allDeviceTokens }, (_, index) => deviceToken(index)));
  const { signingKey, ca, tls } = apple.credentials;
  return { http2: apple.http2.port, gateway: apple.gateway.port, signingKey, ca, ...tls };
}

function figures(): SimulatorFigures {
  const { user, system } = process.cpuUsage();
  const { http2, binary } = apple.stats();
  return {
    http2: http2.accepted,
    binary: binary.accepted,
    rejected: http2.rejected + binary.rejected,
    cpuSeconds: (user + system) / 1e6,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
  };
}

answerParent<SimulatorCalls>({ start, figures });
