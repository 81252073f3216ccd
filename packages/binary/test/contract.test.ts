import { contractTokens, describeTransportContract, testIdentities } from "@apns/testkit";
import { BinaryTransport } from "../src/index.js";
import { faithful, startRawGateway } from "./raw-gateway.js";

for (const format of ["enhanced", "framed"] as const) {
  describeTransportContract(`binary, format ${format}`, {
    open: async () => {
      const script = faithful(new Map([[contractTokens.bad, 8]]));
      const gateway = await startRawGateway(script);
      const { ca, client } = await testIdentities();
      const transport = new BinaryTransport({
        environment: { host: "localhost", port: gateway.port, ca },
        cert: client.cert,
        key: client.key,
        format,
        confirmAfterIdleMs: 50,
      });
      return { transport, received: () => script.accepted.map(({ token }) => token), close: () => gateway.close() };
    },
  });
}
