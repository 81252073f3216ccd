// @apns/binary through core's `sendAll`, every result read: what most users write.
import { BinaryTransport } from "@apns/binary";
import { sendAll } from "@apns/core";
import { deviceToken } from "../http2/setting.js";
import { measured } from "./measured.js";
import { type BinarySetting, notification } from "./setting.js";

function* deviceTokens(count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield deviceToken(index);
}

process.on("message", async ({ port, ca, cert, key, count, warmUp }: BinarySetting) => {
  const transport = new BinaryTransport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "certificate", cert, key },
  });
  const run = async (total: number): Promise<number> => {
    let accepted = 0;
    for await (const { outcome } of sendAll(transport, { notification, deviceTokens: deviceTokens(total) })) {
      if (outcome.kind === "accepted") accepted++;
    }
    return total - accepted;
  };
  await run(warmUp);
  process.send?.(await measured(count, () => run(count)));
  await transport.close();
  process.disconnect();
});
