import { feedback } from "@apns/binary";
import type { PhoneView } from "../page/protocol.js";
import type { Apple } from "../simulator/calls.js";

/** Reads the feedback service to its end, and says what it told: phones by name, the rest by number. */
export async function readFeedback(apple: Apple, phones: readonly PhoneView[]): Promise<string[]> {
  const texts: string[] = [];
  let others = 0;
  for await (const { deviceToken, unregisteredAt } of feedback({
    environment: apple.feedback,
    auth: { type: "certificate", ...apple.tls },
  })) {
    const phone = phones.find((view) => view.deviceToken === deviceToken);
    if (phone === undefined) others++;
    else {
      texts.push(
        `Feedback tuple: the app is gone from ${phone.name}'s phone (${deviceToken.slice(0, 8)}…) since ` +
          `${unregisteredAt.toISOString().slice(11, 19)} UTC.`,
      );
    }
  }
  if (others > 0) {
    texts.push(`Feedback service: ${others.toLocaleString("en-US")} device tokens of the run have no app any more.`);
  }
  return texts.length > 0 ? texts : ["Feedback service: nothing to tell."];
}
