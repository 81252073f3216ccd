import { createRequire } from "node:module";
import { answerParent } from "@apns/processes";
import { ApnsClient, Notification } from "apns2";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { useApns2 } from "./apns2-use.js";
import { type Http2Setting, keyId, teamId, topic } from "./setting.js";

/** The undici that apns2 itself uses. */
const { Pool } = createRequire(createRequire(import.meta.url).resolve("apns2"))("undici") as {
  Pool: new (origin: string, options: object) => ApnsClient["client"];
};

async function run(setting: Http2Setting): Promise<Figures> {
  const { port, ca, signingKey } = setting;
  const client = new ApnsClient({ team: teamId, keyId, signingKey, defaultTopic: topic });
  // apns2 connects to Apple's port only, and takes no authority: its pool is replaced by one with this address.
  const pool = { connections: 32, pipelining: 1, allowH2: true, maxConcurrentStreams: 100, connect: { ca } };
  Object.assign(client, { client: new Pool(`https://127.0.0.1:${port}`, pool) });
  return useApns2(client, Notification, setting);
}

answerParent<ContenderCalls<Http2Setting, Figures>>({ run });
