import type { DeliveryOptions, Notification } from "../notification.js";
import { given, makeNotification } from "./payload-parts.js";

/** The only content Apple documents: the system reloads the widgets or controls, which fetch their data themselves. */
const contentChanged = { aps: { "content-changed": true } };

/**
 * Makes the system reload the app's widgets. Topic suffix `.push-type.widgets`. The payload is fixed.
 *
 * @throws {InvalidArgumentError} naming the field
 */
export function widgets(options: DeliveryOptions = {}): Notification {
  const { ...delivery } = given(options);
  return makeNotification("widgets", delivery, contentChanged);
}

/**
 * Makes the system reload the app's controls. Topic suffix `.push-type.controls`. The payload is fixed.
 *
 * @throws {InvalidArgumentError} naming the field
 */
export function controls(options: DeliveryOptions = {}): Notification {
  const { ...delivery } = given(options);
  return makeNotification("controls", delivery, contentChanged);
}
