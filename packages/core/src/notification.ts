import { sendingRequests } from "./apple-pages.js";
import { InvalidArgumentError } from "./errors.js";
import { type Expiration, expirationSeconds } from "./expiration.js";
import { checkHeaderText, checkInteger, checkText, show } from "./internal/check.js";
import { checkOptions, type OptionNames, optionNames } from "./internal/check-options.js";
import { assertPayloadFits, encodePayload, type PayloadInput } from "./payload/encode-payload.js";
import { alertTexts, type Truncation, truncatePayload } from "./payload/truncate.js";
import type { Priority } from "./priority.js";
import {
  isAppleMailTopic,
  isKnownPushType,
  maxPayloadBytes,
  type PushType,
  type PushTypeRow,
  pushTypeRow,
  topicFor,
  type Wire,
} from "./push-type.js";

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
const notificationOptionNames = new Set(["pushType", "payload", ...deliveryOptionNames]);
/** The names that the functions for push types take besides. */
const suggestions: ReadonlySet<string> = new Set([
  ...notificationOptionNames,
  "aps",
  "custom",
  "containerIdentifier",
  "domain",
  "pushMagic",
]);

/** Made once, since a notification may be made for each device. */
const optionDetails = { suggestions };
const usualPriorities: readonly Priority[] = [1, 5, 10];

/**
 * Options that a function for a push type has made of its own. They always have the same keys, and their names are checked: this
 * runs for each device of many campaigns.
 */
export class CheckedOptions {
  readonly pushType: PushType;
  readonly payload: PayloadInput;
  readonly topic: DeliveryOptions["topic"];
  readonly priority: DeliveryOptions["priority"];
  readonly expiration: DeliveryOptions["expiration"];
  readonly collapseId: DeliveryOptions["collapseId"];
  readonly payloadLimit: DeliveryOptions["payloadLimit"];
  readonly fit: DeliveryOptions["fit"];

  /**
   * @param names those of all options of the function; see {@link namesWith}
   * @throws {InvalidArgumentError} naming an option that is not one of them
   */
  constructor(pushType: PushType, payload: PayloadInput, given: DeliveryOptions, names: OptionNames) {
    checkOptions("a notification", given, names, optionDetails);
    this.pushType = pushType;
    this.payload = payload;
    this.topic = given.topic;
    this.priority = given.priority;
    this.expiration = given.expiration;
    this.collapseId = given.collapseId;
    this.payloadLimit = given.payloadLimit;
    this.fit = given.fit;
  }
}

/** The names of the options of a function for a push type: its own, and those of every delivery. One that is missing does not compile. */
export function namesWith<Options extends DeliveryOptions>(
  own: { readonly [Name in Exclude<keyof Required<Options>, keyof DeliveryOptions>]: true },
): OptionNames {
  return new Set([...Object.keys(own), ...deliveryOptionNames]);
}

const maxCollapseIdBytes = 64;
const encoder = new TextEncoder();
/** Shared by all notifications that were not truncated, which saves an array for each. */
const nothingTruncated: readonly Truncation[] = Object.freeze([]);

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
  /** The payload as it goes on the wire. Do not write to it. */
  readonly encodedPayload: Uint8Array;
  /** The texts that `fit` has shortened; empty if the payload fitted. */
  readonly truncated: readonly Truncation[];

  /**
   * @throws {InvalidArgumentError} naming the field
   * @throws {PayloadTooLargeError} if the payload exceeds its limit; a wire with a smaller one checks again
   */
  constructor(options: NotificationOptions) {
    const given: NotificationOptions | CheckedOptions = options;
    if (!(given instanceof CheckedOptions)) {
      checkOptions("a notification", options, notificationOptionNames, optionDetails);
    }
    this.pushType = isKnownPushType(options.pushType)
      ? options.pushType
      : checkHeaderText("pushType", options.pushType);
    const row = pushTypeRow(this.pushType);
    this.topic = options.topic === undefined ? undefined : completeTopic(this.pushType, options.topic);
    this.priority = options.priority ?? defaultPriority(row, this.topic);
    const allowed = row.allowedPriorities ?? usualPriorities;
    if (this.priority !== undefined && !allowed.includes(this.priority)) {
      throw new InvalidArgumentError(
        "priority",
        `${show(this.priority)} is not allowed for push type ${this.pushType}; use ${allowed.join(" or ")}.`,
        { source: sendingRequests },
      );
    }
    this.expiration = expirationSeconds(options.expiration ?? row.defaultExpiration);
    this.collapseId = options.collapseId === undefined ? undefined : checkCollapseId(options.collapseId);

    const { payload, payloadLimit = "http2", fit } = options;
    const limitBytes = checkPayloadLimit(this.pushType, payloadLimit);
    const keys = fit === undefined ? undefined : checkFit(fit);
    const encoded = encodePayload(payload);
    const mayCut = keys !== undefined && encoded.length > limitBytes && !isVerbatim(payload);
    const fitted = mayCut ? truncatePayload(encoded, limitBytes, keys) : undefined;
    this.encodedPayload = fitted?.encoded ?? encoded;
    this.truncated = fitted === undefined ? nothingTruncated : Object.freeze(fitted.truncated);
    const { length } = this.encodedPayload;
    if (length === 0 || length > limitBytes) {
      assertPayloadFits(this.encodedPayload, limitBytes, limitOwner(this.pushType, payloadLimit));
    }
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

function isVerbatim(payload: PayloadInput): boolean {
  return typeof payload === "string" || payload instanceof Uint8Array;
}

function checkPayloadLimit(pushType: PushType, limit: Wire | number): number {
  if (limit === "http2" || limit === "binary") return maxPayloadBytes(pushType, limit);
  if (typeof limit === "number") return checkInteger("payloadLimit", limit, 1, 0xffff);
  throw new InvalidArgumentError("payloadLimit", `${show(limit)} is not "http2", "binary" or a number of bytes.`);
}

/** The owner of the limit, for the error message. */
function limitOwner(pushType: PushType, limit: Wire | number): string {
  if (typeof limit === "number") return "payloadLimit";
  return `push type ${pushType}${limit === "binary" ? " on the legacy wire" : ""}`;
}

/** The paths of the texts that may be shortened. */
function checkFit(fit: NonNullable<PayloadFitOptions["fit"]>): readonly string[] {
  if (fit === "truncate") return alertTexts;
  const keys: unknown = fit?.truncate;
  if (Array.isArray(keys)) return keys.map((key, index) => checkText(`fit.truncate[${index}]`, key));
  throw new InvalidArgumentError("fit", `${show(fit)} is not "truncate" or { truncate: [keys] }.`);
}

/** Topic and push type that were checked last, and what they make: an app's are the same for many notifications. */
let lastTopic: { readonly pushType: PushType; readonly given: string; readonly complete: string } | undefined;

function completeTopic(pushType: PushType, topic: string): string {
  if (lastTopic?.given === topic && lastTopic.pushType === pushType) return lastTopic.complete;
  const complete = topicFor(pushType, checkHeaderText("topic", topic));
  lastTopic = { pushType, given: topic, complete };
  return complete;
}

function defaultPriority(row: PushTypeRow, topic: string | undefined): Priority | undefined {
  if (row.defaultPriority === undefined) return undefined;
  return topic !== undefined && isAppleMailTopic(topic) ? undefined : row.defaultPriority;
}

/** A text that needs no more checks: visible in front, and no byte but of visible ASCII and blanks. */
const plainCollapseId = /^[\x21-\x7e][\x20-\x7e]{0,63}$/;

function checkCollapseId(collapseId: unknown): string {
  if (typeof collapseId === "string" && plainCollapseId.test(collapseId)) return collapseId;
  const text = checkText("collapseId", collapseId);
  const size = encoder.encode(text).length;
  if (size > maxCollapseIdBytes) {
    throw new InvalidArgumentError("collapseId", `${size} bytes are more than the ${maxCollapseIdBytes} APNs allows.`, {
      source: sendingRequests,
    });
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (/[\x00-\x1f\x7f]/.test(text)) {
    throw new InvalidArgumentError("collapseId", `${show(text)} holds control characters, which no header can carry.`);
  }
  return text;
}

/** A notification of any push type, including types newer than this package, with the complete payload. */
export function notification(options: NotificationOptions): Notification {
  return new Notification(options);
}
