// @apns/binary through core's `sendAll`, every result read: what most users write.
import { BinaryTransport } from "@apns/binary";
import { sendAll } from "@apns/core";
import { answerParent } from "@apns/processes";
import type { Figures } from "../figures.js";
import { deviceToken } from "../http2/setting.js";
import type { ContenderCalls } from "../processes.js";
import { measured } from "./measured.js";
import { type BinarySetting, notification } from "./setting.js";

function* deviceTokens(count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield deviceToken(index);
}

async function run({ port, ca, cert, key, count, warmUp }: BinarySetting): Promise<Figures> {
  const transport = new BinaryTransport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "certificate", cert, key },
  });
  const send = async (total: number): Promise<number> => {
    let accepted = 0;
    for await (const { outcome } of sendAll(transport, { notification, deviceTokens: deviceTokens(total) })) {
      if (outcome.kind === "accepted") accepted++;
    }
    return total - accepted;
  };
  await send(warmUp);
  const figures = await measured(count, () => send(count));
  await transport.close();
  return figures;
}

answerParent<ContenderCalls<BinarySetting, Figures>>({ run });
