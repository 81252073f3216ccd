import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import type { CustomKeys, JsonValue } from "../payload/json.js";
import { given, makeNotification, withCustomKeys } from "./payload-parts.js";

export interface VoipOptions<Custom extends object = object> extends DeliveryOptions {
  /**
   * The system shows nothing of it; apps that expect their own data here can have it.
   * @default {}
   */
  readonly aps?: { readonly [key: string]: JsonValue | undefined };
  /** Your own keys, such as who calls; they are put beside `aps`. */
  readonly custom?: CustomKeys<Custom>;
}

const names = namesWith<VoipOptions>({ aps: true, custom: true });

/**
 * Announces a call to the app, which must report it at once: to CallKit, or since iOS 26.4 to CallKit or LiveCommunicationKit.
 * Topic suffix `.voip`. One attempt by default (`expiration: "once"`), so that a device that was off does not ring for a call that
 * is over.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 5120 bytes, unless told to `fit`
 */
export function voip<Custom extends object = object>(options: VoipOptions<Custom> = {}): Notification {
  const delivery = given(options);
  const { aps = {}, custom } = delivery;
  return makeNotification("voip", delivery, names, withCustomKeys(aps, custom));
}
