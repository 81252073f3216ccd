import { checkHeaderText, checkInteger } from "@apns/core/internal";
import {
  type BroadcastNotification,
  InvalidArgumentError,
  maxPayloadBytes,
  PayloadTooLargeError,
  type Notification as WireNotification,
} from "@apns/http2";
import type { NotificationHeaders } from "./notification/notification.js";

/** What is sent of a notification. An object of the caller's own will do, as it does for node-apn. */
export interface Compilable {
  headers(): NotificationHeaders;
  compile(): string;
}

/** The header fields and the payload of a notification, checked and encoded, for any number of devices. */
export interface Sendable {
  readonly notification: WireNotification;
  readonly apnsId: string | undefined;
}

const maxCollapseIdBytes = 64;
const maxBroadcastBytes = 5120;

/**
 * The notification as the transport takes it. Unlike the functions of `@apns/http2`, this adds nothing: topic, priority and push type
 * go to APNs as they were set, and APNs judges them.
 * @throws {InvalidArgumentError} for what no header can carry, or APNs is certain to refuse
 * @throws {TypeError} if it is no notification, or its payload cannot be written as JSON
 */
export function sendable(given: Compilable): Sendable {
  const headers = headersOf(given);
  const pushType = headerText(headers, "apns-push-type", "pushType");
  const notification = {
    ...deliveryOf(headers),
    topic: headerText(headers, "apns-topic", "topic"),
    collapseId: collapseIdOf(headers["apns-collapse-id"]),
    encodedPayload: encode(given, maxPayloadBytes(pushType ?? "alert", "http2"), `push type ${pushType ?? "alert"}`),
    truncated: [],
  };
  return { notification: notification as unknown as WireNotification, apnsId: present(headers["apns-id"]) };
}

/** The same for the subscribers of a channel. */
export function broadcastable(given: Compilable, bundleId: string): BroadcastNotification {
  const notification = {
    ...deliveryOf(headersOf(given)),
    bundleId,
    collapseId: undefined,
    encodedPayload: encode(given, maxBroadcastBytes, "a broadcast"),
  };
  return notification as unknown as BroadcastNotification;
}

function headersOf(given: Compilable): NotificationHeaders {
  if (typeof given?.headers === "function" && typeof given.compile === "function") return given.headers();
  throw new InvalidArgumentError("notification", "has no headers() and compile(); make one by new apn.Notification().");
}

function deliveryOf(headers: NotificationHeaders): object {
  return {
    pushType: headerText(headers, "apns-push-type", "pushType"),
    priority: wholeNumber(headers, "apns-priority", "priority"),
    expiration: wholeNumber(headers, "apns-expiration", "expiration"),
  };
}

function present(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function headerText(headers: NotificationHeaders, name: string, field: string): string | undefined {
  const text = present(headers[name]);
  return text === undefined ? undefined : checkHeaderText(field, text);
}

function wholeNumber(headers: NotificationHeaders, name: string, field: string): number | undefined {
  const text = present(headers[name]);
  return text === undefined ? undefined : checkInteger(field, Number(text), 0);
}

function collapseIdOf(value: unknown): string | undefined {
  const text = present(value);
  if (text === undefined) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (/[\x00-\x1f\x7f]/.test(text)) throw new InvalidArgumentError("collapseId", "holds control characters.");
  if (Buffer.byteLength(text) > maxCollapseIdBytes)
    throw new InvalidArgumentError("collapseId", "is longer than 64 bytes.");
  return text;
}

function encode(given: Compilable, limitBytes: number, where: string): Uint8Array {
  const payload = given.compile();
  // APNs is not asked about a notification that holds nothing.
  if (payload === "{}") throw new InvalidArgumentError("payload", "is empty.");
  const encoded = Buffer.from(payload, "utf8");
  if (encoded.length > limitBytes) throw new PayloadTooLargeError(encoded.length, limitBytes, where);
  return encoded;
}
