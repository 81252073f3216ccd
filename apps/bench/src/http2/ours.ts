import { alert, type Outcome } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import { answerParent } from "@apns/processes";
import { measure } from "../contender.js";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { deviceToken, type Http2Setting, keyId, payload, personalPayload, teamId, topic } from "./setting.js";

async function run({ port, ca, signingKey, deviceTokens, personal, load }: Http2Setting): Promise<Figures> {
  const transport = new Http2Transport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "token", key: signingKey, keyId, teamId },
    topic,
    maxConnections: 1,
  });
  const notification = alert(payload);
  const isAccepted = ({ kind }: Outcome): boolean => kind === "accepted";
  const send = (index: number): Promise<boolean> =>
    transport.send(notification, deviceToken(index % deviceTokens)).then(isAccepted);
  const sendPersonal = (index: number): Promise<boolean> =>
    transport.send(alert(personalPayload(index)), deviceToken(index % deviceTokens)).then(isAccepted);
  const figures = await measure(personal === true ? sendPersonal : send, load);
  await transport.close();
  return figures;
}

answerParent<ContenderCalls<Http2Setting, Figures>>({ run });
