import {
  eitherEnvironment,
  failover,
  InMemoryTransport,
  rateLimit,
  splitTraffic,
  type Transport,
  withRetry,
} from "@apns/core";
import { contractTokens, describeTransportContract, testIdentities } from "@apns/testkit";
import { BinaryTransport, type BinaryTransportOptions } from "../src/index.js";
import { faithful, startRawGateway } from "./raw-gateway.js";

async function subject(
  options: Partial<BinaryTransportOptions>,
  wrap: (transport: Transport) => Transport = (transport) => transport,
) {
  const script = faithful(new Map([[contractTokens.bad, 8]]));
  const gateway = await startRawGateway(script);
  const { ca, client } = await testIdentities();
  const transport = new BinaryTransport({
    environment: { host: "localhost", port: gateway.port, ca },
    auth: { type: "certificate", ...client },
    confirmAfterIdleMs: 50,
    ...options,
  });
  return {
    transport: wrap(transport),
    received: () => script.accepted.map(({ token }) => token),
    close: () => gateway.close(),
  };
}

for (const format of ["enhanced", "framed"] as const) {
  describeTransportContract(`binary, format ${format}`, {
    open: () => subject({ format }),
  });
}

// Wrappers: each must hand a flush on to this wire.
const wrappers: Record<string, (transport: Transport) => Transport> = {
  withRetry,
  failover: (transport) => failover([transport, new InMemoryTransport({ outcome: () => "BadTopic" })]),
  splitTraffic: (transport) => splitTraffic({ from: transport, to: new InMemoryTransport(), share: 0 }),
  rateLimit: (transport) => rateLimit(transport, { perSecond: 10_000 }),
  eitherEnvironment: (transport) => eitherEnvironment({ production: transport, development: transport }),
};
for (const [name, wrap] of Object.entries(wrappers)) {
  describeTransportContract(`${name} over binary`, { open: () => subject({}, wrap) });
}
