import { Http2Transport } from "@apns/http2";
import { answerParent } from "@apns/processes";
import type { Figures } from "../figures.js";
import { type Http2Setting, keyId, teamId, topic } from "../http2/setting.js";
import type { ContenderCalls } from "../processes.js";
import { type Stream, stream } from "./setting.js";

type Input = Pick<Http2Setting, "port" | "ca" | "signingKey"> & Stream;

async function run({ port, ca, signingKey, count }: Input): Promise<Figures> {
  const transport = new Http2Transport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "token", key: signingKey, keyId, teamId },
    topic,
    maxConnections: 1,
  });
  const figures = await stream(transport, count);
  await transport.close();
  return figures;
}

answerParent<ContenderCalls<Input, Figures>>({ run });
