import { mdmCommands } from "../apple-pages.js";
import { checkText } from "../internal/check.js";
import type { DeliveryOptions, Notification } from "../notification.js";
import { given, makeNotification } from "./payload-parts.js";

export interface MdmOptions extends DeliveryOptions {
  /** The `PushMagic` that the device sent in its `TokenUpdate`. */
  readonly pushMagic: string;
}

/**
 * Asks a managed device to call its MDM server. The topic is the `UID` of the MDM push certificate's subject
 * (`com.apple.mgmt.…`), and the connection needs that certificate. The payload has no `aps`.
 *
 * @throws {InvalidArgumentError} naming the field
 */
export function mdm(options: MdmOptions): Notification {
  const { pushMagic, ...delivery } = given(options);
  return makeNotification("mdm", delivery, { mdm: checkText("pushMagic", pushMagic, mdmCommands) });
}
