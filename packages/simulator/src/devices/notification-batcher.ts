import type { ReceivedNotification } from "../received.js";

/** At so many held notifications, they are released. */
const maxHeld = 1000;

/**
 * Groups notifications of priority 5 and 1, which "may be grouped and delivered in bursts" (Apple): what comes within a
 * while arrives together, and of those with one collapse id only the newest.
 */
export class NotificationBatcher {
  readonly #batchMs: number;
  readonly #timers: { after(ms: number, callback: () => void): () => void };
  readonly #release: (due: readonly ReceivedNotification[]) => void;
  #held: ReceivedNotification[] = [];
  #cancel: (() => void) | undefined;

  constructor(
    batchMs: number,
    timers: { after(ms: number, callback: () => void): () => void },
    release: (due: readonly ReceivedNotification[]) => void,
  ) {
    this.#batchMs = batchMs;
    this.#timers = timers;
    this.#release = release;
  }

  /** Returns how many held notifications this one replaces. */
  hold(notification: ReceivedNotification): number {
    const { collapseId, topic } = notification;
    const before = this.#held.length;
    if (collapseId !== undefined) {
      this.#held = this.#held.filter((other) => other.collapseId !== collapseId || other.topic !== topic);
    }
    const replaced = before - this.#held.length;
    this.#held.push(notification);
    if (this.#held.length >= maxHeld) this.#release(this.take());
    else this.#cancel ??= this.#timers.after(this.#batchMs, () => this.#release(this.take()));
    return replaced;
  }

  /** Takes out the notifications that are held. */
  take(): readonly ReceivedNotification[] {
    this.#cancel?.();
    this.#cancel = undefined;
    const held = this.#held;
    this.#held = [];
    return held;
  }
}
