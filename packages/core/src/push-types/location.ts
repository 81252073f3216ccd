import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import type { CustomKeys } from "../payload/json.js";
import { given, makeNotification, withCustomKeys } from "./payload-parts.js";

export interface LocationOptions<Custom extends object = object> extends DeliveryOptions {
  /** Your own keys; they stand beside an empty `aps` in the payload. */
  readonly custom?: CustomKeys<Custom>;
}

const names = namesWith<LocationOptions>({ custom: true });

/**
 * Asks the app's Location Push Service Extension where the device is. Nothing is shown. Topic suffix `.location-query`;
 * APNs takes it with a provider token only.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes
 */
export function location<Custom extends object = object>(options: LocationOptions<Custom> = {}): Notification {
  const delivery = given(options);
  const { custom } = delivery;
  return makeNotification("location", delivery, names, withCustomKeys({}, custom));
}
