// @parse/node-apn in its documented bulk use: one `send` of a notification to an array of device tokens.
import apn from "@parse/node-apn";
import type { Figures } from "../figures.js";
import { deviceToken, type Http2Setting, keyId, payload, teamId, topic } from "./setting.js";

process.on("message", async ({ port, ca, signingKey, deviceTokens, load }: Http2Setting) => {
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
  await batch(Math.min(load.warmUp, 1000));
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
