// node-apn in its documented bulk use: one `send` of a notification to an array of device tokens. The same for the original and for
// the drop-in.
import type apn from "@parse/node-apn";
import { measureBatches } from "../contender.js";
import type { Figures } from "../figures.js";
import { deviceToken, type Http2Setting, keyId, payload, teamId, topic } from "./setting.js";

/** The parts of the module that are used. */
export type NodeApn = Pick<typeof apn, "Provider" | "Notification">;

export async function useNodeApn(
  { Provider, Notification }: NodeApn,
  { port, ca, signingKey, deviceTokens, load }: Http2Setting,
): Promise<Figures> {
  const provider = new Provider({
    token: { key: Buffer.from(signingKey), keyId, teamId },
    address: "127.0.0.1",
    port,
    ca: [ca],
  });
  const notification = new Notification();
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
  const figures = await measureBatches(batch, load);
  await provider.shutdown();
  return figures;
}
