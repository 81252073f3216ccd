// A bridge in a process of its own, to be killed: upstream says 410 to every device token that begins with "00", and
// BadDeviceToken to "ff".
import { openStores, startBridge } from "@apns/bridge";

process.on("message", async ({ tls, storePath, topic }) => {
  const transport = {
    protocol: "test",
    async send(_notification, deviceToken, { apnsId } = {}) {
      const base = { kind: "rejected", deviceToken, apnsId, attempts: 1, retryable: false, dropToken: true };
      if (deviceToken.startsWith("ff")) return { ...base, reason: "BadDeviceToken", httpStatus: 400 };
      return { ...base, reason: "Unregistered", httpStatus: 410, unregisteredAt: new Date(1_700_000_000_000) };
    },
    async close() {},
  };
  const { feedbackStore, reportStore } = await openStores({ path: storePath });
  const bridge = await startBridge({
    gateway: { host: "127.0.0.1", port: 0 },
    feedback: { host: "127.0.0.1", port: 0 },
    tls,
    apps: [{ name: "app", topic, transport }],
    senders: [{ name: "old", app: "app", match: { uid: topic } }],
    feedbackStore,
    reportStore: {
      load: () => reportStore.load(),
      async save(changes) {
        // A copy, because the bridge counts on meanwhile.
        const saved = structuredClone([...changes.put.values()]);
        await reportStore.save(changes);
        if (saved.length > 0) process.send({ saved });
      },
    },
    reportSaveIntervalMs: 20,
  });
  process.send({ gateway: bridge.ports.gateway[0], feedback: bridge.ports.feedback[0] });
});
