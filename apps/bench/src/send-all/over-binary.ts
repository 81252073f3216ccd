import { BinaryTransport } from "@apns/binary";
import type { BinarySetting } from "../binary/setting.js";
import { type Stream, stream } from "./setting.js";

type Input = Pick<BinarySetting, "port" | "ca" | "cert" | "key"> & Stream;

process.on("message", async ({ port, ca, cert, key, count }: Input) => {
  const transport = new BinaryTransport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "certificate", cert, key },
  });
  process.send?.(await stream(transport, count));
  await transport.close();
  process.disconnect();
});
