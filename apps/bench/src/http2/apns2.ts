// apns2 in its documented bulk use: `sendMany` over an array of notifications.
import { createRequire } from "node:module";
import { answerParent } from "@apns/processes";
import { ApnsClient, Notification } from "apns2";
import { measureBatches } from "../contender.js";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { deviceToken, type Http2Setting, keyId, payload, teamId, topic } from "./setting.js";

/** The undici that apns2 itself uses. */
const { Pool } = createRequire(createRequire(import.meta.url).resolve("apns2"))("undici") as {
  Pool: new (origin: string, options: object) => ApnsClient["client"];
};

async function run({ port, ca, signingKey, deviceTokens, load }: Http2Setting): Promise<Figures> {
  const client = new ApnsClient({ team: teamId, keyId, signingKey, defaultTopic: topic });
  // apns2 connects to Apple's port only, and takes no authority: its pool is replaced by one with this address.
  const pool = { connections: 32, pipelining: 1, allowH2: true, maxConcurrentStreams: 100, connect: { ca } };
  Object.assign(client, { client: new Pool(`https://127.0.0.1:${port}`, pool) });
  const batch = async (count: number): Promise<number> => {
    const notifications = Array.from(
      { length: count },
      (_, index) => new Notification(deviceToken(index % deviceTokens), { aps: payload.aps }),
    );
    const results = await client.sendMany(notifications);
    return results.filter((result) => "error" in result).length;
  };
  return measureBatches(batch, load);
}

answerParent<ContenderCalls<Http2Setting, Figures>>({ run });
