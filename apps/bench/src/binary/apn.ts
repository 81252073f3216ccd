// apn@1.7.8 in its documented use: one `pushNotification` to many device tokens. It knows what it has written, never
// what was accepted: "transmitted" is all there is to count.
import { createRequire } from "node:module";
import { answerParent } from "@apns/processes";
import type { Figures } from "../figures.js";
import { deviceToken, payload } from "../http2/setting.js";
import type { ContenderCalls } from "../processes.js";
import { measured } from "./measured.js";
import type { BinarySetting } from "./setting.js";

interface LegacyConnection {
  on(event: string, listener: (...args: unknown[]) => void): void;
  pushNotification(notification: unknown, recipients: readonly string[]): void;
}
const require = createRequire(import.meta.url);
const apn = require("apn") as {
  Connection: new (options: object) => LegacyConnection;
  Notification: new (payload: object) => unknown;
};

async function run({ port, ca, cert, key, count, warmUp }: BinarySetting): Promise<Figures> {
  const connection = new apn.Connection({ address: "127.0.0.1", port, ca: [ca], cert, key });
  const fail = (error: unknown): never => {
    process.stderr.write(`apn: ${String(error)}\n`);
    process.exit(1);
  };
  for (const event of ["error", "socketError", "transmissionError"]) connection.on(event, fail);
  let transmitted = 0;
  let batch = 0;
  let finish: () => void = () => {};
  connection.on("transmitted", () => {
    if (++transmitted === batch) finish();
  });
  const push = (recipients: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      transmitted = 0;
      batch = recipients.length;
      finish = resolve;
      connection.pushNotification(new apn.Notification(payload), recipients);
    });
  const send = async (total: number): Promise<number> => {
    const recipients = Array.from({ length: total }, (_, index) => deviceToken(index));
    // apn removes from the front of one array, which becomes very slow above some fifty thousand.
    for (let index = 0; index < total; index += 5000) await push(recipients.slice(index, index + 5000));
    return 0;
  };
  await send(warmUp);
  return measured(count, () => send(count));
}

answerParent<ContenderCalls<BinarySetting, Figures>>({ run });
