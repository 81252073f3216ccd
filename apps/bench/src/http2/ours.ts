import { alert, alertTemplate, type Notification, type Outcome } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import { answerParent } from "@apns/processes";
import { measure } from "../contender.js";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import {
  deviceToken,
  type Http2Setting,
  keyId,
  payload,
  personalPayload,
  teamId,
  topic,
  type Varied,
} from "./setting.js";

type NotificationOf = (index: number) => Notification;

function sameForAll(): NotificationOf {
  const notification = alert(payload);
  return () => notification;
}

/** More than are in flight, so that no two of them that are alike wait side by side. */
const readyMade = 4096;

const firstExpiration = Date.UTC(2030, 0);

const expirationOf = (index: number): Date => new Date(firstExpiration + index * 1000);

const notifications: Readonly<Record<Varied, () => NotificationOf>> = {
  "ready-made payload": () => {
    const ready = Array.from({ length: readyMade }, (_, index) => alert(personalPayload(index)));
    return (index) => ready[index % readyMade]!;
  },
  payload: () => (index) => alert(personalPayload(index)),
  "collapse id": () => (index) => alert({ aps: personalPayload(index).aps, collapseId: `message-${index}` }),
  expiration: () => (index) => alert({ aps: personalPayload(index).aps, expiration: expirationOf(index) }),
  "collapse id and expiration": () => (index) =>
    alert({ aps: personalPayload(index).aps, collapseId: `message-${index}`, expiration: expirationOf(index) }),
  "200 collapse ids": () => (index) => alert({ aps: personalPayload(index).aps, collapseId: `game-${index % 200}` }),
  "merge fields": () => {
    const text = payload.aps.alert;
    const template = alertTemplate({ aps: { alert: `Hello {{name}}, ${text.slice("Hello 123456, ".length)}` } });
    return (index) => template.fill({ name: String(index) });
  },
};

async function run({ port, ca, signingKey, deviceTokens, varied, load }: Http2Setting): Promise<Figures> {
  const transport = new Http2Transport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "token", key: signingKey, keyId, teamId },
    topic,
    maxConnections: 1,
  });
  const notificationOf = varied === undefined ? sameForAll() : notifications[varied]();
  const isAccepted = ({ kind }: Outcome): boolean => kind === "accepted";
  const send = (index: number): Promise<boolean> =>
    transport.send(notificationOf(index), deviceToken(index % deviceTokens)).then(isAccepted);
  const figures = await measure(send, load);
  await transport.close();
  return figures;
}

answerParent<ContenderCalls<Http2Setting, Figures>>({ run });
