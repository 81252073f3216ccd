import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import { given, makeNotification } from "./payload-parts.js";

export interface WalletPassOptions extends DeliveryOptions<5> {
  /** The pass type identifier (`pass.com.example.ticket`), or the order type identifier. @default the transport's `topic` */
  readonly topic?: string;
}

const names = namesWith<WalletPassOptions>({});

/**
 * Makes Wallet fetch the new version of a pass or an order from your web service. The payload is empty: only the topic counts. The
 * connection needs the certificate of the pass type identifier, and the production environment. Sent as push type `background`.
 *
 * Source: Apple, "Adding a web service to update passes"; a comment by Apple in the Developer Forums, thread 767640.
 * @throws {InvalidArgumentError} naming the field
 */
export function walletPass(options: WalletPassOptions = {}): Notification {
  return makeNotification("background", given(options), names, {});
}
