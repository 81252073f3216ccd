import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import { given, makeNotification } from "./payload-parts.js";

/** The only content Apple documents: the system reloads the widgets or controls, which fetch their data themselves. */
const contentChanged = { aps: { "content-changed": true } };

const names = namesWith<DeliveryOptions>({});

/**
 * Makes the system reload the app's widgets. Topic suffix `.push-type.widgets`. The payload is fixed.
 *
 * @throws {InvalidArgumentError} naming the field
 */
export function widgets(options: DeliveryOptions = {}): Notification {
  return makeNotification("widgets", given(options), names, contentChanged);
}

/**
 * Makes the system reload the app's controls. Topic suffix `.push-type.controls`. The payload is fixed.
 *
 * @throws {InvalidArgumentError} naming the field
 */
export function controls(options: DeliveryOptions = {}): Notification {
  return makeNotification("controls", given(options), names, contentChanged);
}
