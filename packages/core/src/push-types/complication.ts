import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import type { CustomKeys } from "../payload/json.js";
import { given, makeNotification, withCustomKeys } from "./payload-parts.js";

export interface ComplicationOptions<Custom extends object = object> extends DeliveryOptions {
  /** Your own keys, such as the new figures; they stand beside an empty `aps` in the payload. */
  readonly custom?: CustomKeys<Custom>;
}

const names = namesWith<ComplicationOptions>({ custom: true });

/**
 * Brings new data for a watchOS complication to the app on the iPhone. Topic suffix `.complication`; a device lets an app
 * have 50 a day.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes
 */
export function complication<Custom extends object = object>(options: ComplicationOptions<Custom> = {}): Notification {
  const delivery = given(options);
  const { custom } = delivery;
  return makeNotification("complication", delivery, names, withCustomKeys({}, custom));
}
