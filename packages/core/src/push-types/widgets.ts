import { type DeliveryOptions, Notification } from "../notification.js";

/** All that widgets and controls are told; they reload and fetch the rest themselves. */
const contentChanged = { aps: { "content-changed": true } };

/**
 * Has the system reload the app's widgets. Topic suffix `.push-type.widgets`. There is nothing to say but that.
 *
 * @throws {InvalidArgumentError} naming the field
 */
export function widgets(options: DeliveryOptions = {}): Notification {
  return new Notification({ ...options, pushType: "widgets", payload: contentChanged });
}

/**
 * Has the system reload the app's controls. Topic suffix `.push-type.controls`. There is nothing to say but that.
 *
 * @throws {InvalidArgumentError} naming the field
 */
export function controls(options: DeliveryOptions = {}): Notification {
  return new Notification({ ...options, pushType: "controls", payload: contentChanged });
}
