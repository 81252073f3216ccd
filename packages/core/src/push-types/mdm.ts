import { mdmCommands } from "../apple-pages.js";
import { checkText } from "../internal/check.js";
import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import { given, makeNotification } from "./payload-parts.js";

export interface MdmOptions extends DeliveryOptions {
  /** The `PushMagic` that the device sent in its `TokenUpdate`. */
  readonly pushMagic: string;
}

const names = namesWith<MdmOptions>({ pushMagic: true });

/**
 * Asks a managed device to call its MDM server. The topic is the `UID` of the MDM push certificate's subject
 * (`com.apple.mgmt.…`), and the connection needs that certificate. The payload has no `aps`.
 *
 * @throws {InvalidArgumentError} naming the field
 */
export function mdm(options: MdmOptions): Notification {
  const delivery = given(options);
  const { pushMagic } = delivery;
  return makeNotification("mdm", delivery, names, { mdm: checkText("pushMagic", pushMagic, mdmCommands) });
}
