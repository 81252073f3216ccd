import { type DeliveryOptions, Notification } from "../notification.js";
import type { CustomKeys } from "../payload/json.js";
import { withCustomKeys } from "./payload-parts.js";

export interface PushToTalkOptions<Custom extends object = object> extends DeliveryOptions {
  /** Your own keys, such as who speaks; they are put beside an empty `aps`, since the system shows nothing of that. */
  readonly custom?: CustomKeys<Custom>;
}

/**
 * Tells the app that somebody speaks, or has stopped. Topic suffix `.voip-ptt`. Priority 10 and expiring at once by
 * default: it is about the present moment or about nothing.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes
 */
export function pushToTalk<Custom extends object = object>(options: PushToTalkOptions<Custom> = {}): Notification {
  const { custom, ...delivery } = options;
  return new Notification({ ...delivery, pushType: "pushtotalk", payload: withCustomKeys({}, custom) });
}
