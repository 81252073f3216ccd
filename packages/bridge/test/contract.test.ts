// The transport contract through the bridge: @apns/binary as the legacy sender, the simulator's HTTP/2 side as Apple. Also
// with a window that is smaller than what the sender has under way, and an upstream whose answers overtake each other.
import { BinaryTransport } from "@apns/binary";
import { Http2Transport } from "@apns/http2";
import { startSimulator } from "@apns/simulator";
import { contractTokens, describeTransportContract, testIdentities } from "@apns/testkit";
import { memoryFeedbackStore, startBridge } from "../src/index.ts";
import { topic } from "./support.ts";

async function subject(format: "enhanced" | "framed", window: number) {
  const { ca, server, client } = await testIdentities();
  const apple = await startSimulator({
    bundleId: topic,
    keyType: "ec",
    unknownDeviceTokens: "accept",
    maxReceived: 100_000,
    verdict: ({ deviceToken }, faithful) => (deviceToken === contractTokens.bad ? badToken : faithful()),
  });
  apple.faults.add({ type: "delay", ms: 0, jitterMs: 5 });
  const { signingKey: key, keyId, teamId } = apple.credentials;
  const upstream = new Http2Transport({ environment: apple.http2, auth: { type: "token", key, keyId, teamId } });
  const bridge = await startBridge({
    gateway: { host: "127.0.0.1", port: 0 },
    feedback: [],
    tls: { ...server, clientCa: ca },
    apps: [{ name: "app", topic, transport: upstream, suspectAfter: 0 }],
    senders: [{ name: "sender", app: "app", match: { uid: topic } }],
    feedbackStore: memoryFeedbackStore(),
    errorLingerMs: 50,
    window,
  });
  const transport = new BinaryTransport({
    environment: { host: "localhost", port: bridge.ports.gateway[0]!, ca },
    auth: { type: "certificate", ...client },
    format,
    confirmAfterIdleMs: 50,
  });
  return {
    transport,
    received: () =>
      [...apple.received].filter(({ verdict }) => verdict.kind === "accepted").map(({ deviceToken }) => deviceToken),
    close: async () => {
      await bridge.close({ timeoutMs: 0 });
      await upstream.close({ timeoutMs: 0 });
      await apple.close();
    },
  };
}

const badToken = { kind: "rejected", reason: "BadDeviceToken", httpStatus: 400, statusCode: 8 } as const;

for (const [format, window] of [
  ["enhanced", 1000],
  ["framed", 7],
] as const) {
  describeTransportContract(`through the bridge, ${format}, window ${window}`, { open: () => subject(format, window) });
}
