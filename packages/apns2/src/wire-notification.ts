import { verbatimNotification } from "@apns/core/internal";
import type { Notification as WireNotification } from "@apns/http2";
import { Priority } from "./constants.js";
import type { Notification } from "./notification.js";

/**
 * The notification as the transport takes it. The usual priority is not sent: APNs reads its absence so.
 * @throws {InvalidArgumentError} for what no header can carry, or APNs is certain to refuse
 * @throws {TypeError} if its payload cannot be written as JSON
 */
export function wireNotification(notification: Notification, defaultTopic: string | undefined): WireNotification {
  const { pushType, priority, options } = notification;
  const fields = {
    pushType,
    topic: options.topic ?? defaultTopic,
    priority: priority === Priority.immediate ? undefined : priority,
    expiration: secondsOf(options.expiration),
    collapseId: options.collapseId,
  };
  return verbatimNotification(fields, JSON.stringify(notification.buildApnsOptions()));
}

function secondsOf(expiration: number | Date | null | undefined): number | undefined {
  if (expiration === undefined || expiration === null) return undefined;
  return typeof expiration === "number" ? expiration : Math.round(expiration.getTime() / 1000);
}
