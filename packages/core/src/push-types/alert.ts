import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import type { AlertAps } from "../payload/aps.js";
import { alertApsShape } from "../payload/aps-shapes.js";
import type { CustomKeys } from "../payload/json.js";
import { checkShape, given, makeNotification, withCustomKeys } from "./payload-parts.js";

export interface AlertOptions<Custom extends object = object> extends DeliveryOptions {
  readonly aps: AlertAps;
  /** Your own keys; they stand beside `aps` in the payload. */
  readonly custom?: CustomKeys<Custom>;
}

const names = namesWith<AlertOptions>({ aps: true, custom: true });

/**
 * A notification that is seen or heard: alert, badge or sound.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes, unless told to `fit`
 */
export function alert<Custom extends object = object>(options: AlertOptions<Custom>): Notification {
  const delivery = given(options);
  const { aps, custom } = delivery;
  return makeNotification("alert", delivery, names, withCustomKeys(checkShape("aps", aps, alertApsShape), custom));
}
