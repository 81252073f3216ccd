import { Http2Transport } from "@apns/http2";
import { type Http2Setting, keyId, teamId, topic } from "../http2/setting.js";
import { type Stream, stream } from "./setting.js";

type Input = Pick<Http2Setting, "port" | "ca" | "signingKey"> & Stream;

process.on("message", async ({ port, ca, signingKey, count }: Input) => {
  const transport = new Http2Transport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "token", key: signingKey, keyId, teamId },
    topic,
    maxConnections: 1,
  });
  process.send?.(await stream(transport, count));
  await transport.close();
  process.disconnect();
});
