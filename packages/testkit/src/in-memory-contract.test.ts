import { InMemoryTransport, rejectedByHttp } from "@apns/core";
import { contractTokens, describeTransportContract } from "./transport-contract.js";

describeTransportContract("in memory", {
  open: async () => {
    const received: string[] = [];
    const transport = new InMemoryTransport({
      outcome: ({ deviceToken }) => {
        const base = { deviceToken, apnsId: undefined, attempts: 1 };
        if (deviceToken === contractTokens.bad)
          return rejectedByHttp(base, { reason: "BadDeviceToken", httpStatus: 400 });
        received.push(deviceToken);
        return { kind: "accepted", ...base };
      },
    });
    return { transport, received: () => received, close: async () => {} };
  },
});
