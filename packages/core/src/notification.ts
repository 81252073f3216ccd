import { checkText, show } from "./check.js";
import { InvalidArgumentError } from "./errors.js";
import { type Expiration, expirationSeconds } from "./expiration.js";
import type { AlertAps, BackgroundAps, CustomKeys } from "./payload/aps.js";
import { assertPayloadFits, encodePayload, type PayloadInput } from "./payload/encode-payload.js";
import type { Priority } from "./priority.js";
import { maxPayloadBytes, type PushType, pushTypeRow, topicFor } from "./push-type.js";

/** How a notification travels, apart from what it says. */
export interface DeliveryOptions {
  /**
   * The app's bundle ID; the suffix that the push type needs is added unless it is already there. Without it, the
   * transport's own `topic` is used. The legacy wire has no topic: there the certificate decides.
   */
  readonly topic?: string;
  /** @default what Apple's table says for the push type: 5 for `background`, else none, which APNs reads as 10 */
  readonly priority?: Priority;
  /** @default "default" */
  readonly expiration?: Expiration;
  /** Notifications with the same id replace each other on the device; at most 64 bytes of UTF-8. HTTP/2 only. */
  readonly collapseId?: string;
}

export interface NotificationOptions extends DeliveryOptions {
  readonly pushType: PushType;
  /** An object, or JSON text or bytes that are sent verbatim. */
  readonly payload: PayloadInput;
}

export interface AlertOptions<Custom extends CustomKeys = CustomKeys> extends DeliveryOptions {
  readonly aps: AlertAps;
  /** Your own keys; they are put beside `aps`. */
  readonly custom?: Custom;
}

export interface BackgroundOptions<Custom extends CustomKeys = CustomKeys> extends DeliveryOptions {
  /** @default { "content-available": 1 } */
  readonly aps?: BackgroundAps;
  /** Your own keys; they are put beside `aps`. */
  readonly custom?: Custom;
}

const maxCollapseIdBytes = 64;
const encoder = new TextEncoder();

/**
 * What is to be shown or done, without saying on which device. It is checked and encoded once, when it is made, and
 * never changes: one notification can be sent to a million device tokens.
 *
 * The checks refuse what APNs would surely refuse, and nothing else.
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
  /** The payload as it goes on the wire. Do not write to it. */
  readonly encodedPayload: Uint8Array;

  /**
   * @throws {InvalidArgumentError} naming the field
   * @throws {PayloadTooLargeError} if the payload exceeds the push type's limit over HTTP/2; a wire with a smaller
   * limit checks again
   */
  constructor(options: NotificationOptions) {
    this.pushType = checkHeaderText("pushType", options.pushType);
    const row = pushTypeRow(this.pushType);
    this.topic =
      options.topic === undefined ? undefined : topicFor(this.pushType, checkHeaderText("topic", options.topic));
    this.priority = options.priority ?? row.defaultPriority;
    const allowed = row.allowedPriorities ?? ([1, 5, 10] as const);
    if (this.priority !== undefined && !allowed.includes(this.priority)) {
      throw new InvalidArgumentError(
        "priority",
        `${show(this.priority)} is not allowed for push type ${this.pushType}; use ${allowed.join(" or ")}.`,
      );
    }
    this.expiration = expirationSeconds(options.expiration);
    this.collapseId = options.collapseId === undefined ? undefined : checkCollapseId(options.collapseId);
    this.encodedPayload = encodePayload(options.payload);
    assertPayloadFits(
      this.encodedPayload,
      maxPayloadBytes(this.pushType, "http2"),
      `push type ${this.pushType}`,
      options.payload,
    );
    Object.freeze(this);
  }
}

/** A header value of one word: anything else would be refused, or break the request. */
function checkHeaderText(field: string, value: unknown): string {
  const text = checkText(field, value);
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new InvalidArgumentError(field, `${show(text)} holds blanks or characters outside ASCII.`);
}

function checkCollapseId(collapseId: unknown): string {
  const text = checkText("collapseId", collapseId);
  const size = encoder.encode(text).length;
  if (size > maxCollapseIdBytes) {
    throw new InvalidArgumentError("collapseId", `${size} bytes are more than the ${maxCollapseIdBytes} APNs allows.`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (/[\x00-\x1f\x7f]/.test(text)) throw new InvalidArgumentError("collapseId", "holds control characters.");
  return text;
}

function withAps(aps: object, custom: CustomKeys | undefined): object {
  if (custom !== undefined && Object.hasOwn(custom, "aps")) {
    throw new InvalidArgumentError("custom", 'holds a key "aps"; Apple\'s dictionary goes into `aps`.');
  }
  return { aps, ...custom };
}

/** A notification of any push type, with the whole payload given. For types newer than this package, too. */
export function notification(options: NotificationOptions): Notification {
  return new Notification(options);
}

/** A notification that people see or hear: alert, badge or sound. */
export function alert<Custom extends CustomKeys>(options: AlertOptions<Custom>): Notification {
  const { aps, custom, ...delivery } = options;
  return new Notification({ ...delivery, pushType: "alert", payload: withAps(aps, custom) });
}

/** A silent notification that wakes the app to fetch something. Always priority 5. */
export function background<Custom extends CustomKeys>(options: BackgroundOptions<Custom> = {}): Notification {
  const { aps = { "content-available": 1 }, custom, ...delivery } = options;
  return new Notification({ ...delivery, pushType: "background", payload: withAps(aps, custom) });
}
