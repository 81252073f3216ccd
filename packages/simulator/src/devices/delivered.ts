import type { ReceivedNotification } from "../received.js";

/** A notification as it reaches a device. */
export interface DeliveredNotification extends Omit<ReceivedNotification, "verdict" | "connection" | "lost"> {
  /** Of the app it is for; of a broadcast, too. */
  readonly deviceToken: string;
  /** When it reached the device, in milliseconds since the epoch; `receivedAt` is when APNs took it. */
  readonly deliveredAt: number;
  /** Whether it waited at APNs for the device to come back. */
  readonly stored: boolean;
}

/** What became of notifications that were accepted and never reached the device. */
export interface DroppedCounts {
  /** It was not to be stored, and the device was offline. */
  readonly notStored: number;
  /** A newer one took its place: one is stored for each device and app, one shown for each collapse id. */
  readonly replaced: number;
  /** It was stored, and its time had passed when the device came back. */
  readonly expired: number;
  /** The app was removed, and APNs did not know yet. */
  readonly uninstalled: number;
  /** A fault lost it. */
  readonly lost: number;
}
