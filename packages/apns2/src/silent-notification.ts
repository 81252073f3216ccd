import { Priority, PushType } from "./constants.js";
import { Notification, type NotificationOptions } from "./notification.js";

/** A notification that shows nothing and wakes the app. */
export class SilentNotification extends Notification {
  constructor(
    deviceToken: string,
    options?: Omit<NotificationOptions, "type" | "alert" | "priority" | "contentAvailable">,
  ) {
    super(deviceToken, {
      contentAvailable: true,
      type: PushType.background,
      priority: Priority.throttled,
      ...options,
    });
  }
}
