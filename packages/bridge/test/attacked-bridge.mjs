// A bridge in a process of its own, whose memory is measured while others attack it.
import { memoryFeedbackStore, startBridge } from "@apns/bridge";

const sampleMs = 100;

process.once("message", async ({ tls, topic, tuples }) => {
  const feedbackStore = memoryFeedbackStore();
  for (let index = 0; index < tuples; index++) {
    await feedbackStore.add(topic, index.toString(16).padStart(64, "0"), new Date(1_700_000_000_000));
  }
  let accepted = 0;
  const transport = {
    protocol: "test",
    async send(_notification, deviceToken, { apnsId } = {}) {
      accepted++;
      return { kind: "accepted", deviceToken, apnsId, attempts: 1 };
    },
    async close() {},
  };
  const bridge = await startBridge({
    gateway: { host: "127.0.0.1", port: 0 },
    feedback: { host: "127.0.0.1", port: 0 },
    tls,
    apps: [{ name: "app", topic, transport }],
    senders: [{ name: "old", app: "app", match: { uid: topic } }],
    feedbackStore,
  });
  let peak = 0;
  setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, sampleMs);
  process.on("message", () => {
    const { turnedAway, feedbackConnections } = bridge.stats();
    process.send({ accepted, peakBytes: peak, turnedAway, feedbackConnections, rows: bridge.report().rows.length });
  });
  const [[gateway], [feedback]] = [bridge.ports.gateway, bridge.ports.feedback];
  process.send({ gateway, feedback, restBytes: process.memoryUsage.rss() });
});
