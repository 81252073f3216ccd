// A bridge in a process of its own, to be killed, with the durable hold. Upstream is away, or it is there and answers nothing;
// the parent is told of each device token that upstream has seen.

import { openStores, startBridge } from "@apns/bridge";
import { ApnsError } from "@apns/core";

process.on("message", async ({ tls, storePath, topic, isAway }) => {
  const cause = new ApnsError("ERR_APNS_CONNECT", "connection refused");
  const transport = {
    protocol: "test",
    async send(_notification, deviceToken, { apnsId } = {}) {
      if (isAway) return { kind: "unsent", deviceToken, apnsId, attempts: 0, cause };
      process.send({ seen: deviceToken });
      return new Promise(() => {});
    },
    watchConnections(listener) {
      if (isAway) listener({ type: "failed", connection: 1, endpoint: "127.0.0.1:1", cause });
      return () => {};
    },
    async close() {},
  };
  const { feedbackStore, holdStore } = await openStores({ path: storePath });
  const bridge = await startBridge({
    gateway: { host: "127.0.0.1", port: 0 },
    feedback: [],
    tls,
    apps: [{ name: "app", topic, transport }],
    senders: [{ name: "old", app: "app", match: { uid: topic } }],
    feedbackStore,
    holdStore,
  });
  process.send({ gateway: bridge.ports.gateway[0] });
});
