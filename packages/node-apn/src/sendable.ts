import { verbatimNotification } from "@apns/core/internal";
import { type BroadcastNotification, InvalidArgumentError, type Notification as WireNotification } from "@apns/http2";
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

/**
 * The notification as the transport takes it.
 * @throws {InvalidArgumentError} for what no header can carry, or APNs is certain to refuse
 * @throws {TypeError} if its payload cannot be written as JSON
 */
export function sendable(given: Compilable): Sendable {
  const headers = headersOf(given);
  const fields = {
    ...deliveryOf(headers),
    topic: present(headers["apns-topic"]),
    collapseId: present(headers["apns-collapse-id"]),
  };
  return { notification: verbatimNotification(fields, payloadOf(given)), apnsId: present(headers["apns-id"]) };
}

/** The same for the subscribers of a channel. */
export function broadcastable(given: Compilable, bundleId: string): BroadcastNotification {
  const notification = verbatimNotification(deliveryOf(headersOf(given)), payloadOf(given), "broadcast");
  const { collapseId: _, ...fields } = notification;
  return { ...fields, bundleId };
}

function headersOf(given: Compilable): NotificationHeaders {
  if (typeof given?.headers === "function" && typeof given.compile === "function") return given.headers();
  throw new InvalidArgumentError("notification", "has no headers() and compile(); make one by new apn.Notification().");
}

/** APNs is not asked about a notification that holds nothing. */
function payloadOf(given: Compilable): string {
  const payload = given.compile();
  return payload === "{}" ? "" : payload;
}

function deliveryOf(headers: NotificationHeaders): { pushType?: unknown; priority?: unknown; expiration?: unknown } {
  return {
    pushType: present(headers["apns-push-type"]),
    priority: numberOf(headers["apns-priority"]),
    expiration: numberOf(headers["apns-expiration"]),
  };
}

function present(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

/** A text of digits is as good as a number. */
function numberOf(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : Number(value);
}
