import { InvalidArgumentError, type Notification, topicFor } from "@apns/core";

/** Header fields of a request, in the order they are sent. */
export type RequestHeaders = Record<string, string>;

/** The fields that are the same for every device this notification goes to. */
export function notificationHeaders(notification: Notification, defaultTopic: string | undefined): RequestHeaders {
  const headers: RequestHeaders = {};
  const topic =
    notification.topic ?? (defaultTopic === undefined ? undefined : topicFor(notification.pushType, defaultTopic));
  if (topic !== undefined) headers["apns-topic"] = topic;
  headers["apns-push-type"] = notification.pushType;
  if (notification.priority !== undefined) headers["apns-priority"] = String(notification.priority);
  if (notification.expiration !== undefined) headers["apns-expiration"] = String(notification.expiration);
  // Header values are octets: the bytes of the UTF-8 text, written as latin-1.
  if (notification.collapseId !== undefined) {
    headers["apns-collapse-id"] = Buffer.from(notification.collapseId, "utf8").toString("latin1");
  }
  return headers;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws {InvalidArgumentError} unless the id is what APNs takes as `apns-id` */
export function checkApnsId(apnsId: unknown): string {
  if (typeof apnsId === "string" && uuid.test(apnsId)) return apnsId;
  throw new InvalidArgumentError(
    "apnsId",
    "is not a UUID of hexadecimal digits, 8-4-4-4-12; APNs would answer BadMessageId.",
  );
}
