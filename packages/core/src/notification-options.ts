import type { Expiration } from "./expiration.js";
import { checkOptions, type OptionNames, optionNames } from "./internal/check-options.js";
import type { PayloadInput } from "./payload/encode-payload.js";
import type { Priority } from "./priority.js";
import type { PushType, Wire } from "./push-type.js";

/** The size limit of the payload, and how a payload over it is handled. */
export interface PayloadFitOptions {
  /**
   * The size limit: that of the push type on this wire, or a number of bytes up to 65,535. `"binary"`, the smaller of the two
   * wires' limits, makes a notification that fits both.
   * @default "http2"
   */
  readonly payloadLimit?: Wire | number;
  /**
   * `"truncate"` shortens the alert's body, and if that is not enough its title, then its subtitle, between two graphemes
   * and with an ellipsis; `{ truncate: keys }` shortens the texts at these paths instead (such as `aps.content-state.message`, or a
   * custom key), in the order of the list. {@link Notification.truncated} lists the cuts. A payload given as text or bytes is
   * never shortened.
   * @default a payload that is too large is refused with a `PayloadTooLargeError`
   */
  readonly fit?: "truncate" | { readonly truncate: readonly string[] };
}

/** How a notification is delivered: its headers over HTTP/2, apart from the payload. */
export interface DeliveryOptions<AllowedPriority extends Priority = Priority> extends PayloadFitOptions {
  /**
   * The app's bundle ID; the suffix of the push type is added unless the value ends in it. The legacy wire has no topic: there
   * the certificate decides. @default the transport's `topic`
   */
  readonly topic?: string;
  /** @default that of the push type in the table `pushTypes`; a type without one sends no header, which APNs reads as 10 */
  readonly priority?: AllowedPriority;
  /** @default that of the push type in the table `pushTypes`: `"once"` for `voip` and `pushtotalk`, else `"default"` */
  readonly expiration?: Expiration;
  /** Notifications with the same id replace each other on the device; at most 64 bytes of UTF-8. HTTP/2 only. */
  readonly collapseId?: string;
}

export interface NotificationOptions extends DeliveryOptions {
  readonly pushType: PushType;
  /** An object, or JSON text or bytes that are sent verbatim. */
  readonly payload: PayloadInput;
}

const deliveryOptionNames = optionNames<DeliveryOptions>({
  topic: true,
  priority: true,
  expiration: true,
  collapseId: true,
  payloadLimit: true,
  fit: true,
});
export const notificationOptionNames: OptionNames = new Set(["pushType", "payload", ...deliveryOptionNames]);
/** The names that the functions for push types take besides. */
const suggestions: ReadonlySet<string> = new Set([
  ...notificationOptionNames,
  "aps",
  "custom",
  "containerIdentifier",
  "domain",
  "pushMagic",
]);

const optionDetails = { suggestions };

/** @throws {InvalidArgumentError} naming an option of a notification that is not one of `names` */
export function checkOptionNames(options: object, names: OptionNames): void {
  checkOptions("a notification", options, names, optionDetails);
}

/** The names of the options of a function for a push type: its own, and those of every delivery. One that is missing does not compile. */
export function namesWith<Options extends DeliveryOptions>(
  own: { readonly [Name in Exclude<keyof Required<Options>, keyof DeliveryOptions>]: true },
): OptionNames {
  return new Set([...Object.keys(own), ...deliveryOptionNames]);
}
