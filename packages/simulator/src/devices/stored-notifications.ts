import type { ReceivedNotification } from "../received.js";

/** Apple stores no longer than this, whatever the sender asks for (documented). */
const maxStoredMs = 30 * 24 * 3_600_000;

/** The longest time that a broadcast is stored (documented). */
const maxBroadcastMs = 8 * 3_600_000;

/** Until when a notification may wait, in milliseconds since the epoch; `undefined` if it is not to be stored. */
function storedUntil({ expiration, receivedAt, channelId }: ReceivedNotification): number | undefined {
  if (expiration === 0) return undefined;
  const longest = receivedAt + (channelId === undefined ? maxStoredMs : maxBroadcastMs);
  return expiration === undefined ? longest : Math.min(longest, expiration * 1000);
}

interface Waiting {
  readonly bundleId: string;
  readonly notification: ReceivedNotification;
  readonly until: number;
}

/**
 * The notifications that APNs stores for one device that is offline: the newest of each app, and of each channel that
 * stores one (documented: "one notification per device and bundle ID"; that the last one wins is usual, not guaranteed).
 */
export class StoredNotifications {
  readonly #waiting = new Map<string, Waiting>();

  /** Returns what became of the notification, or of the one that it replaces. */
  put(bundleId: string, notification: ReceivedNotification): "stored" | "notStored" | "replaced" {
    const slot = notification.channelId ?? bundleId;
    const until = storedUntil(notification);
    if (until === undefined) return "notStored";
    const replaced = this.#waiting.delete(slot);
    this.#waiting.set(slot, { bundleId, notification, until });
    return replaced ? "replaced" : "stored";
  }

  /** Removes the notification of an app. */
  forgetApp(bundleId: string): void {
    for (const [slot, waiting] of this.#waiting) if (waiting.bundleId === bundleId) this.#waiting.delete(slot);
  }

  /** Removes the notification of a channel. */
  forgetChannel(channelId: string): void {
    this.#waiting.delete(channelId);
  }

  /** Takes all notifications out, in the order in which they came. */
  take(now: number): { readonly due: ReceivedNotification[]; readonly expired: number } {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    const due = all.filter(({ until }) => until > now).map(({ notification }) => notification);
    return { due, expired: all.length - due.length };
  }

  get size(): number {
    return this.#waiting.size;
  }
}
