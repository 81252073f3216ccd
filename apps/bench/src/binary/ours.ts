// @apns/binary through `send`: a promise and an outcome each, as many in flight as the transport asks for.
import { BinaryTransport } from "@apns/binary";
import { alert, type Outcome } from "@apns/core";
import { answerParent } from "@apns/processes";
import type { Figures } from "../figures.js";
import { deviceToken, personalPayload } from "../http2/setting.js";
import type { ContenderCalls } from "../processes.js";
import { measured } from "./measured.js";
import { type BinarySetting, notification } from "./setting.js";

async function run({ port, ca, cert, key, count, warmUp, personal = false }: BinarySetting): Promise<Figures> {
  const transport = new BinaryTransport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "certificate", cert, key },
  });
  const notificationOf = personal ? (index: number) => alert(personalPayload(index)) : () => notification;
  const send = (total: number): Promise<number> =>
    new Promise((resolve, reject) => {
      let started = 0;
      let ended = 0;
      let failed = 0;
      const start = (): void => {
        const index = started++;
        transport.send(notificationOf(index), deviceToken(index)).then(end, reject);
        if (started === total) void transport.flush();
      };
      const end = (outcome: Outcome): void => {
        if (outcome.kind !== "accepted") failed++;
        if (++ended === total) resolve(failed);
        else if (started < total) start();
      };
      while (started < Math.min(total, transport.concurrency)) start();
    });
  if (warmUp > 0) await send(warmUp);
  const figures = await measured(count, () => send(count));
  await transport.close();
  return figures;
}

answerParent<ContenderCalls<BinarySetting, Figures>>({ run });
