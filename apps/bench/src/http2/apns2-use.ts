// apns2 in its documented bulk use: `sendMany` over an array of notifications. The same for the original and for the drop-in.
import type { ApnsClient, Notification } from "apns2";
import { measureBatches } from "../contender.js";
import type { Figures } from "../figures.js";
import { deviceToken, type Http2Setting, payload } from "./setting.js";

export async function useApns2(
  client: Pick<ApnsClient, "sendMany">,
  make: typeof Notification,
  { deviceTokens, load }: Http2Setting,
): Promise<Figures> {
  const batch = async (count: number): Promise<number> => {
    const notifications = Array.from(
      { length: count },
      (_, index) => new make(deviceToken(index % deviceTokens), { aps: payload.aps }),
    );
    const results = await client.sendMany(notifications);
    return results.filter((result) => "error" in result).length;
  };
  return measureBatches(batch, load);
}
