// The checks of a notification's options, and what they make.
import { sendingRequests } from "./apple-pages.js";
import { InvalidArgumentError } from "./errors.js";
import { expirationSeconds } from "./expiration.js";
import { checkHeaderText, checkInteger, checkText, show } from "./internal/check.js";
import type { DeliveryOptions, PayloadFitOptions } from "./notification-options.js";
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

/** What a `Notification` has, checked. */
export class NotificationParts {
  readonly pushType: PushType;
  readonly topic: string | undefined;
  readonly priority: Priority | undefined;
  readonly expiration: number | undefined;
  readonly collapseId: string | undefined;
  readonly encodedPayload: Uint8Array;
  readonly truncated: readonly Truncation[];

  constructor(
    pushType: PushType,
    topic: string | undefined,
    priority: Priority | undefined,
    expiration: number | undefined,
    collapseId: string | undefined,
    { encoded, truncated }: FittedPayload,
  ) {
    this.pushType = pushType;
    this.topic = topic;
    this.priority = priority;
    this.expiration = expiration;
    this.collapseId = collapseId;
    this.encodedPayload = encoded;
    this.truncated = truncated;
  }
}

/** A payload that is within its limit. */
export interface FittedPayload {
  readonly encoded: Uint8Array;
  readonly truncated: readonly Truncation[];
}

const usualPriorities: readonly Priority[] = [1, 5, 10];

/**
 * Checks everything but the names of the options.
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} if the payload exceeds its limit, and may or can not be shortened
 */
export function makeParts(pushType: PushType, payload: PayloadInput, options: DeliveryOptions): NotificationParts {
  const type = isKnownPushType(pushType) ? pushType : checkHeaderText("pushType", pushType);
  const row = pushTypeRow(type);
  const topic = options.topic === undefined ? undefined : completeTopic(type, options.topic);
  const priority = options.priority ?? defaultPriority(row, topic);
  const allowed = row.allowedPriorities ?? usualPriorities;
  if (priority !== undefined && !allowed.includes(priority)) {
    throw new InvalidArgumentError(
      "priority",
      `${show(priority)} is not allowed for push type ${type}; use ${allowed.join(" or ")}.`,
      { source: sendingRequests },
    );
  }
  const expiration = expirationSeconds(options.expiration ?? row.defaultExpiration);
  const collapseId = options.collapseId === undefined ? undefined : checkCollapseId(options.collapseId);
  const limit = payloadLimitOf(type, options);
  const fitted = fitPayload(encodePayload(payload), limit, !isVerbatim(payload));
  return new NotificationParts(type, topic, priority, expiration, collapseId, fitted);
}

/** How large a payload may be, and which texts of it may be shortened. */
export interface PayloadLimit {
  readonly limitBytes: number;
  /** The push type whose limit it is, and on which wire, for the error message; a number is the caller's own. */
  readonly pushType: PushType;
  readonly owner: Wire | number;
  /** Paths, in the order in which they are cut; undefined if nothing may be. */
  readonly keys: readonly string[] | undefined;
}

/** @throws {InvalidArgumentError} naming `payloadLimit` or `fit` */
export function payloadLimitOf(pushType: PushType, { payloadLimit = "http2", fit }: PayloadFitOptions): PayloadLimit {
  return {
    limitBytes: checkPayloadLimit(pushType, payloadLimit),
    pushType,
    owner: payloadLimit,
    keys: fit === undefined ? undefined : checkFit(fit),
  };
}

/** @param mayCut whether the bytes are JSON without blanks, so that texts in it can be cut */
export function fitPayload(encoded: Uint8Array, limit: PayloadLimit, mayCut: boolean): FittedPayload {
  const { length } = encoded;
  if (length > 0 && length <= limit.limitBytes) return { encoded, truncated: nothingTruncated };
  if (mayCut && limit.keys !== undefined) {
    const fitted = truncatePayload(encoded, limit.limitBytes, limit.keys);
    if (fitted !== undefined) return { encoded: fitted.encoded, truncated: Object.freeze(fitted.truncated) };
  }
  assertPayloadFits(encoded, limit.limitBytes, limitOwner(limit));
  return { encoded, truncated: nothingTruncated };
}

const maxCollapseIdBytes = 64;
const encoder = new TextEncoder();
/** Shared by all notifications that were not truncated, which saves an array for each. */
const nothingTruncated: readonly Truncation[] = Object.freeze([]);

function isVerbatim(payload: PayloadInput): boolean {
  return typeof payload === "string" || payload instanceof Uint8Array;
}

function checkPayloadLimit(pushType: PushType, limit: Wire | number): number {
  if (limit === "http2" || limit === "binary") return maxPayloadBytes(pushType, limit);
  if (typeof limit === "number") return checkInteger("payloadLimit", limit, 1, 0xffff);
  throw new InvalidArgumentError("payloadLimit", `${show(limit)} is not "http2", "binary" or a number of bytes.`);
}

/** The owner of the limit, for the error message. */
export function limitOwner({ pushType, owner }: PayloadLimit): string {
  if (typeof owner === "number") return "payloadLimit";
  return `push type ${pushType}${owner === "binary" ? " on the legacy wire" : ""}`;
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

/** Whether a collapse id needs no more checks: short, visible in front, nothing but visible ASCII and blanks. */
function isPlainCollapseId(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > maxCollapseIdBytes || text.charCodeAt(0) === 0x20) return false;
  let isPlain = true;
  // A loop: the regular expression for it takes three times as long.
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e) isPlain = false;
  }
  return isPlain;
}

/** @throws {InvalidArgumentError} naming `collapseId` */
export function checkCollapseId(collapseId: unknown): string {
  if (typeof collapseId === "string" && isPlainCollapseId(collapseId)) return collapseId;
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
