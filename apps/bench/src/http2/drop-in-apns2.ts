import { ApnsClient, Notification } from "@apns/apns2";
import { answerParent } from "@apns/processes";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { useApns2 } from "./apns2-use.js";
import { type Http2Setting, keyId, teamId, topic } from "./setting.js";

async function run(setting: Http2Setting): Promise<Figures> {
  const { port, ca, signingKey } = setting;
  const address = { host: "127.0.0.1", port, ca };
  const client = new ApnsClient({ team: teamId, keyId, signingKey, defaultTopic: topic, ...address });
  const figures = await useApns2(client as never, Notification as never, setting);
  await client.close();
  return figures;
}

answerParent<ContenderCalls<Http2Setting, Figures>>({ run });
