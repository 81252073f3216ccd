// @parse/node-apn in its documented bulk use: one `send` of a notification to an array of device tokens.
import apn from "@parse/node-apn";
import { measureBatches } from "../contender.js";
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
  process.send?.(await measureBatches(batch, load));
  process.exit();
});
