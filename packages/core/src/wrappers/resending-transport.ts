import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import type { CloseOptions, SendOptions, Transport } from "../transport.js";
import { WrappingTransport } from "./wrapping-transport.js";

/** What transports that may hand a notification over more than once have in common: flush and close wait for the last time. */
export abstract class ResendingTransport extends WrappingTransport {
  readonly #unsettled = new Set<Promise<Outcome>>();
  #flushing = 0;

  override async send(notification: Notification, deviceToken: string, options: SendOptions = {}): Promise<Outcome> {
    const settled = this.sendUntilSettled(notification, deviceToken, options);
    this.#unsettled.add(settled);
    try {
      return await settled;
    } finally {
      this.#unsettled.delete(settled);
    }
  }

  override async close(options?: CloseOptions): Promise<void> {
    await super.close(options);
    await Promise.allSettled(this.#unsettled);
  }

  protected abstract sendUntilSettled(
    notification: Notification,
    deviceToken: string,
    options: SendOptions,
  ): Promise<Outcome>;

  /** Hands over once more what was handed over before, here or elsewhere. */
  protected sendAgain(
    transport: Transport,
    notification: Notification,
    deviceToken: string,
    options: SendOptions,
  ): Promise<Outcome> {
    const sending = transport.send(notification, deviceToken, options);
    // A repetition that a flush waits for was not there when the flush began.
    if (this.#flushing > 0) transport.flush?.().catch(() => {});
    return sending;
  }

  protected override async flushInner(): Promise<void> {
    this.#flushing++;
    try {
      const unsettled = [...this.#unsettled];
      await super.flushInner();
      await Promise.allSettled(unsettled);
    } finally {
      this.#flushing--;
    }
  }
}

/** Bounds all attempts at one notification together, where the caller gave a `timeoutMs`. */
export class AttemptDeadline {
  readonly #options: SendOptions;
  readonly #now: () => number;
  readonly #at: number;

  constructor(options: SendOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#at = options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : now() + options.timeoutMs;
  }

  /** Whether there is still time after waiting for so long. */
  allows(delayMs: number): boolean {
    return this.#now() + delayMs < this.#at;
  }

  /** The caller's options for one more attempt: with what time is left. */
  options(): SendOptions {
    if (this.#options.timeoutMs === undefined) return this.#options;
    return { ...this.#options, timeoutMs: Math.max(1, this.#at - this.#now()) };
  }
}
