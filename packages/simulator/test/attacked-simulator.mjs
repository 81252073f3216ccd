// A simulator in a process of its own, whose memory is measured while others attack it.
import { startSimulator } from "@apns/simulator";

const sampleMs = 100;

process.once("message", async ({ deviceToken }) => {
  const apple = await startSimulator();
  apple.world.register(deviceToken);
  let peak = 0;
  setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, sampleMs);
  process.on("message", () => process.send({ peakBytes: peak, ...apple.stats().http2 }));
  const { http2, credentials } = apple;
  process.send({ http2, credentials, restBytes: process.memoryUsage.rss() });
});
