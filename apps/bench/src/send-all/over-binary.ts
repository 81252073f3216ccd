import { BinaryTransport } from "@apns/binary";
import { answerParent } from "@apns/processes";
import type { BinarySetting } from "../binary/setting.js";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { type Stream, stream } from "./setting.js";

type Input = Pick<BinarySetting, "port" | "ca" | "cert" | "key"> & Stream;

async function run({ port, ca, cert, key, count }: Input): Promise<Figures> {
  const transport = new BinaryTransport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "certificate", cert, key },
  });
  const figures = await stream(transport, count);
  await transport.close();
  return figures;
}

answerParent<ContenderCalls<Input, Figures>>({ run });
