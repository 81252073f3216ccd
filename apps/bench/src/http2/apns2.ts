// apns2 in its documented bulk use: `sendMany` over an array of notifications.
import { createRequire } from "node:module";
import { ApnsClient, Notification } from "apns2";
import type { Figures } from "../figures.js";
import { deviceToken, type Http2Setting, keyId, payload, teamId, topic } from "./setting.js";

/** The undici that apns2 itself uses. */
const { Pool } = createRequire(createRequire(import.meta.url).resolve("apns2"))("undici") as {
  Pool: new (origin: string, options: object) => ApnsClient["client"];
};

process.on("message", async ({ port, ca, signingKey, deviceTokens, load }: Http2Setting) => {
  const client = new ApnsClient({ team: teamId, keyId, signingKey, defaultTopic: topic });
  // It knows Apple's port only, and takes no authority: the pool is its own, with another address.
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
  await batch(Math.min(load.warmUp, 500));
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let failed = 0;
  for (let sent = 0; sent < load.count; sent += load.inFlight)
    failed += await batch(Math.min(load.inFlight, load.count - sent));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const figures: Figures = {
    perSecond: load.count / seconds,
    cpuSecondsPer100k: ((cpu.user + cpu.system) / 1e6 / load.count) * 100_000,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    p50Ms: null,
    p99Ms: null,
    failed,
  };
  process.send?.(figures);
  process.exit();
});
