// The simulator as anybody starts it, in a process of its own: faithful verdict, every device token registered, the log
// of what was received switched on.
import { startSimulator } from "@apns/simulator";
import { allDeviceTokens, deviceToken, keyId, teamId, topic } from "../http2/setting.js";
import type { SimulatorFigures, SimulatorPorts } from "./setting.js";

const apple = await startSimulator({ bundleId: topic, teamId, keyId });
apple.world.register(Array.from({ length: allDeviceTokens }, (_, index) => deviceToken(index)));

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  const { http2, binary } = apple.stats();
  const figures: SimulatorFigures = {
    http2: http2.accepted,
    binary: binary.accepted,
    rejected: http2.rejected + binary.rejected,
    cpuSeconds: (user + system) / 1e6,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
  };
  process.send?.(figures);
});
process.on("disconnect", () => process.exit());

const { signingKey, ca, tls } = apple.credentials;
const ports: SimulatorPorts = { http2: apple.http2.port, gateway: apple.gateway.port, signingKey, ca, ...tls };
process.send?.(ports);
