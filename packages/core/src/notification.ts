import { InvalidArgumentError } from "./errors.js";
import { show } from "./internal/check.js";
import { checkOptionNames, type NotificationOptions, notificationOptionNames } from "./notification-options.js";
import { makeParts, NotificationParts } from "./notification-parts.js";
import type { Truncation } from "./payload/truncate.js";
import type { Priority } from "./priority.js";
import type { PushType } from "./push-type.js";

/**
 * A notification without a device token. It is checked and encoded once, in the constructor, and is immutable: one
 * notification can be sent to a million device tokens.
 *
 * The constructor refuses only what APNs is certain to refuse.
 */
export class Notification {
  readonly pushType: PushType;
  /** The complete topic, suffix included; `undefined` leaves it to the transport. */
  readonly topic: string | undefined;
  /** `undefined`: the header is left out, which APNs reads as 10. */
  readonly priority: Priority | undefined;
  /** UNIX seconds; 0 for a single attempt; `undefined`: the header is left out and APNs stores for up to 30 days. */
  readonly expiration: number | undefined;
  readonly collapseId: string | undefined;
  /**
   * The payload as it goes on the wire. Do not write to it, nor transfer its buffer to another thread: other payloads may lie in the
   * same memory.
   */
  readonly encodedPayload: Uint8Array;
  /** The texts that `fit` has shortened; empty if the payload fitted. */
  readonly truncated: readonly Truncation[];

  /**
   * @throws {InvalidArgumentError} naming the field
   * @throws {PayloadTooLargeError} if the payload exceeds its limit; a wire with a smaller one checks again
   */
  constructor(options: NotificationOptions) {
    const parts = options instanceof NotificationParts ? options : checkedParts(options);
    this.pushType = parts.pushType;
    this.topic = parts.topic;
    this.priority = parts.priority;
    this.expiration = parts.expiration;
    this.collapseId = parts.collapseId;
    this.encodedPayload = parts.encodedPayload;
    this.truncated = parts.truncated;
    Object.freeze(this);
  }
}

/**
 * Why a value given to `send` is no notification, or `undefined` if it is one. Recognised by its properties, not its class: two
 * installed versions of this package have two classes.
 */
export function notificationProblem(value: unknown): string | undefined {
  if ((value as Notification | null | undefined)?.encodedPayload instanceof Uint8Array) return undefined;
  return `${show(value)} is not a Notification; make one with alert, background or notification.`;
}

/**
 * Throws unless the value is a notification.
 * @throws {InvalidArgumentError} `ERR_APNS_INVALID_ARGUMENT`, naming `notification`
 */
export function assertNotification(value: unknown): asserts value is Notification {
  const problem = notificationProblem(value);
  if (problem !== undefined) throw new InvalidArgumentError("notification", problem);
}

function checkedParts(options: NotificationOptions): NotificationParts {
  checkOptionNames(options, notificationOptionNames);
  return makeParts(options.pushType, options.payload, options);
}

/** A notification of parts that were checked. */
export function notificationOf(parts: NotificationParts): Notification {
  // Not a type that others could use: the constructor takes options from them.
  return new Notification(parts as object as NotificationOptions);
}

/** A notification of any push type, including types newer than this package, with the complete payload. */
export function notification(options: NotificationOptions): Notification {
  return new Notification(options);
}
