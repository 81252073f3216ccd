import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import type { CustomKeys } from "../payload/json.js";
import { given, makeNotification, withCustomKeys } from "./payload-parts.js";

export interface PushToTalkOptions<Custom extends object = object> extends DeliveryOptions {
  /** Your own keys, such as the speaker's name; they stand beside an empty `aps`, of which the system shows nothing. */
  readonly custom?: CustomKeys<Custom>;
}

const names = namesWith<PushToTalkOptions>({ custom: true });

/**
 * Tells the app that somebody begins or ends to speak. Topic suffix `.voip-ptt`. By default priority 10, and one attempt
 * (`expiration: "once"`), since the notification is worthless a moment later.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes
 */
export function pushToTalk<Custom extends object = object>(options: PushToTalkOptions<Custom> = {}): Notification {
  const delivery = given(options);
  const { custom } = delivery;
  return makeNotification("pushtotalk", delivery, names, withCustomKeys({}, custom));
}
