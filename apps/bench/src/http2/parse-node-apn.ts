// @parse/node-apn in its documented bulk use: one `send` of a notification to an array of device tokens.

import { answerParent } from "@apns/processes";
import apn from "@parse/node-apn";
import { measureBatches } from "../contender.js";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { deviceToken, type Http2Setting, keyId, payload, teamId, topic } from "./setting.js";

async function run({ port, ca, signingKey, deviceTokens, load }: Http2Setting): Promise<Figures> {
  const provider = new apn.Provider({
    token: { key: Buffer.from(signingKey), keyId, teamId },
    address: "127.0.0.1",
    port,
    ca,
  } as unknown as ConstructorParameters<typeof apn.Provider>[0]);
  const notification = new apn.Notification();
  notification.topic = topic;
  notification.pushType = "alert";
  notification.alert = payload.aps.alert;
  const batch = async (count: number): Promise<number> => {
    const { failed } = await provider.send(
      notification,
      Array.from({ length: count }, (_, index) => deviceToken(index % deviceTokens)),
    );
    return failed.length;
  };
  return measureBatches(batch, load);
}

answerParent<ContenderCalls<Http2Setting, Figures>>({ run });
