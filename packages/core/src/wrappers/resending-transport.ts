import { checkSendOptions } from "../internal/send-options.js";
import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import type { CloseOptions, SendOptions, Transport } from "../transport.js";
import { WrappingTransport } from "./wrapping-transport.js";

/** Base of the wrappers that may send a notification more than once: flush and close wait for the last attempt. */
export abstract class ResendingTransport extends WrappingTransport {
  readonly #unsettled = new Set<Promise<Outcome>>();
  #flushing = 0;
  /** The wrapped transports are being closed: nothing may be sent again. */
  protected isClosing = false;

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
    this.isClosing = true;
    await super.close(options);
    await Promise.allSettled(this.#unsettled);
  }

  protected abstract sendUntilSettled(
    notification: Notification,
    deviceToken: string,
    options: SendOptions,
  ): Promise<Outcome>;

  /** Sends a notification again, over the same transport or another one. */
  protected sendAgain(
    transport: Transport,
    notification: Notification,
    deviceToken: string,
    options: SendOptions,
  ): Promise<Outcome> {
    const sending = transport.send(notification, deviceToken, options);
    // A flush that is under way did not include this attempt, so the transport is flushed again.
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

  /** @throws {InvalidArgumentError} naming the option that is wrong */
  constructor(options: SendOptions, now: () => number) {
    checkSendOptions(options);
    this.#options = options;
    this.#now = now;
    this.#at = options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : now() + options.timeoutMs;
  }

  /** Whether the deadline is later than `delayMs` from now. */
  allows(delayMs: number): boolean {
    return this.#now() + delayMs < this.#at;
  }

  /** The caller's options for the next attempt, with the time that is left. */
  options(): SendOptions {
    if (this.#options.timeoutMs === undefined) return this.#options;
    return { ...this.#options, timeoutMs: Math.max(1, this.#at - this.#now()) };
  }
}
