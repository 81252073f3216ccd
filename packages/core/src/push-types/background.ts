import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import type { BackgroundAps } from "../payload/aps.js";
import { backgroundApsShape } from "../payload/aps-shapes.js";
import type { CustomKeys } from "../payload/json.js";
import { checkShape, given, makeNotification, withCustomKeys } from "./payload-parts.js";

/** Apple wants priority 5 here, and calls 10 an error. */
export interface BackgroundOptions<Custom extends object = object> extends DeliveryOptions<5> {
  /** @default { "content-available": 1 } */
  readonly aps?: BackgroundAps;
  /** Your own keys; they stand beside `aps` in the payload. */
  readonly custom?: CustomKeys<Custom>;
}

const names = namesWith<BackgroundOptions>({ aps: true, custom: true });

/**
 * A silent notification that wakes the app to fetch something. Always priority 5; devices let an app have two or three
 * an hour.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes
 */
export function background<Custom extends object = object>(options: BackgroundOptions<Custom> = {}): Notification {
  const delivery = given(options);
  const { aps = { "content-available": 1 }, custom } = delivery;
  return makeNotification(
    "background",
    delivery,
    names,
    withCustomKeys(checkShape("aps", aps, backgroundApsShape), custom),
  );
}
