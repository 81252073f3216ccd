import type { ReceivedNotification } from "../received.js";

/** Apple stores no longer than this, whatever the sender asks for (documented). */
const maxStoredMs = 30 * 24 * 3_600_000;

/** Of a broadcast (documented). */
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
 * What APNs keeps for one device that is offline: the newest notification of each app, and of each channel that keeps
 * something (documented: "one notification per device and bundle ID"; that the last one wins is usual, not guaranteed).
 */
export class WaitingRoom {
  readonly #waiting = new Map<string, Waiting>();

  /** Returns what became of it, or of the one whose place it takes. */
  put(bundleId: string, notification: ReceivedNotification): "stored" | "notStored" | "replaced" {
    const slot = notification.channelId ?? bundleId;
    const until = storedUntil(notification);
    if (until === undefined) return "notStored";
    const replaced = this.#waiting.delete(slot);
    this.#waiting.set(slot, { bundleId, notification, until });
    return replaced ? "replaced" : "stored";
  }

  /** Nothing is kept for this app any more. */
  forgetApp(bundleId: string): void {
    for (const [slot, waiting] of this.#waiting) if (waiting.bundleId === bundleId) this.#waiting.delete(slot);
  }

  /** Nothing is kept of this channel any more. */
  forgetChannel(channelId: string): void {
    this.#waiting.delete(channelId);
  }

  /** Takes everything out, in the order in which it came. */
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
