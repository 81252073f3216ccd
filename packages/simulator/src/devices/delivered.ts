import type { ReceivedNotification } from "../received.js";

/** A notification as it reaches a device. */
export interface DeliveredNotification extends Omit<ReceivedNotification, "verdict" | "connection" | "lost"> {
  /** The token of the app that it is for, also of a broadcast. */
  readonly deviceToken: string;
  /** When it reached the device, in milliseconds since the epoch; `receivedAt` is when APNs took it. */
  readonly deliveredAt: number;
  /** Whether APNs stored it until the device came back. */
  readonly stored: boolean;
}

/** Notifications that were accepted and never reached the device, by why. */
export interface DroppedCounts {
  /** Not to be stored, and the device was offline. */
  readonly notStored: number;
  /** A newer one took its place: one is stored for each device and app, one shown for each collapse id. */
  readonly replaced: number;
  /** Stored, and expired when the device came back. */
  readonly expired: number;
  /** The app was removed, and APNs did not know yet. */
  readonly uninstalled: number;
  /** A fault lost it. */
  readonly lost: number;
}
