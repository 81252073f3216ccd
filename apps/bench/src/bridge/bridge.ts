import { memoryFeedbackStore, openStores, startBridge } from "@apns/bridge";
import { Http2Transport } from "@apns/http2";
import { answerParent } from "@apns/processes";
import type { BridgeCalls, BridgeSetting, BridgeUsage } from "./setting.js";

let usage: (() => BridgeUsage) | undefined;

async function start({ simulator, tls, clientCa, window, store }: BridgeSetting): Promise<number> {
  const { port, ca, topic, teamId, keyId, signingKey: key } = simulator;
  const transport = new Http2Transport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "token", key, keyId, teamId },
  });
  const stores = store === undefined ? undefined : await openStores({ path: store });
  const bridge = await startBridge({
    gateway: { host: "127.0.0.1", port: 0 },
    feedback: [],
    tls: { ...tls, clientCa },
    apps: [{ name: "app", topic, transport }],
    senders: [{ name: "sender", app: "app", match: { uid: topic } }],
    feedbackStore: memoryFeedbackStore(),
    holdStore: stores?.holdStore,
    window,
  });
  let cpuBefore = process.cpuUsage();
  usage = () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuBefore = process.cpuUsage();
    return {
      cpuSeconds: (user + system) / 1e6,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      rssMiB: process.memoryUsage.rss() / 2 ** 20,
      undecided: bridge.stats().undecided,
    };
  };
  return bridge.ports.gateway[0]!;
}

answerParent<BridgeCalls>({ start, usage: () => usage!() });
