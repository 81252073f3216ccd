import { type Clock, systemClock } from "../clock.js";
import { backOffDelayMs } from "../internal/back-off.js";
import { checkFlag, checkFunction, checkInteger } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";
import { checkTransport } from "../internal/check-transport.js";
import { SignalRegistry } from "../internal/signal-registry.js";
import { maxTimerDelayMs } from "../internal/timers.js";
import { addStats, waitingOnly } from "../internal/transport-stats.js";
import type { Notification } from "../notification.js";
import type { Outcome, Unconfirmed } from "../outcome.js";
import type { CloseOptions, SendOptions, Transport, TransportStats } from "../transport.js";
import { AttemptDeadline, ResendingTransport } from "./resending-transport.js";

/** When and how often `withRetry` sends again. */
export interface RetryPolicy {
  /** How often a notification is given to the transport, including the first time. @default 4 */
  readonly attempts?: number;
  /** The wait before the first repetition, in milliseconds; it doubles with each. @default 1_000 */
  readonly baseDelayMs?: number;
  /** The longest wait that doubling leads to, in milliseconds. @default 60_000 */
  readonly maxDelayMs?: number;
  /**
   * The longest `retryAfterMs` of APNs that is waited for, in milliseconds. A rejection with a longer one is returned at once.
   * @default `maxDelayMs`
   */
  readonly maxRetryAfterMs?: number;
  /** Also sends `unconfirmed` notifications again, which may duplicate them. @default false */
  readonly resendUnconfirmed?: boolean;
  /** A number from 0 to 1 (exclusive), for the jitter. @default Math.random */
  readonly random?: () => number;
  /** Waits; resolves early when `signal` fires, without rejecting. @default a timer */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** The clock for a send's `timeoutMs`. @default the machine's clock */
  readonly clock?: Clock;
}

/**
 * A transport that sends again `unsent` notifications, and `rejected` ones that are `retryable` (429, 5xx), with exponential
 * back-off; the jitter is half of the delay.
 *
 * A send's `timeoutMs` and `signal` bound all of its attempts and waits; without `timeoutMs`, each attempt has the
 * transport's own. Closing ends the waits: those notifications settle with their last outcome. The
 * `attempts` of outcomes add up.
 * @throws {InvalidArgumentError} naming the part of the policy that is wrong
 */
export function withRetry(transport: Transport, policy: RetryPolicy = {}): Transport {
  checkTransport("transport", transport);
  return new RetryingTransport(transport, resolvePolicy(policy));
}

const policyNames = optionNames<RetryPolicy>({
  attempts: true,
  baseDelayMs: true,
  maxDelayMs: true,
  maxRetryAfterMs: true,
  resendUnconfirmed: true,
  random: true,
  sleep: true,
  clock: true,
});

function resolvePolicy(policy: RetryPolicy): Required<RetryPolicy> {
  checkOptions("withRetry", policy, policyNames);
  const maxDelayMs = checkInteger("maxDelayMs", policy.maxDelayMs ?? 60_000, 0, maxTimerDelayMs);
  return {
    attempts: checkInteger("attempts", policy.attempts ?? 4, 1),
    baseDelayMs: checkInteger("baseDelayMs", policy.baseDelayMs ?? 1_000, 0, maxTimerDelayMs),
    maxDelayMs,
    maxRetryAfterMs: checkInteger("maxRetryAfterMs", policy.maxRetryAfterMs ?? maxDelayMs, 0, maxTimerDelayMs),
    resendUnconfirmed: checkFlag("resendUnconfirmed", policy.resendUnconfirmed),
    random: checkFunction("random", policy.random ?? Math.random),
    sleep: checkFunction("sleep", policy.sleep ?? sleep),
    clock: policy.clock ?? systemClock,
  };
}

class RetryingTransport extends ResendingTransport {
  readonly #transport: Transport;
  readonly #policy: Required<RetryPolicy>;
  /** One for each wait under way. */
  readonly #waits = new Set<AbortController>();
  readonly #signals = new SignalRegistry<AbortController>((waits) => {
    for (const wait of waits) wait.abort();
  });

  constructor(transport: Transport, policy: Required<RetryPolicy>) {
    super(transport.protocol, [transport]);
    this.#transport = transport;
    this.#policy = policy;
  }

  override stats(): TransportStats {
    return addStats([super.stats(), waitingOnly(this.#waits.size, this.#waits.size)]);
  }

  override async close(options?: CloseOptions): Promise<void> {
    this.isClosing = true;
    for (const wait of this.#waits) wait.abort();
    await super.close(options);
  }

  protected override async sendUntilSettled(
    notification: Notification,
    deviceToken: string,
    options: SendOptions,
  ): Promise<Outcome> {
    const deadline = new AttemptDeadline(options, () => this.#policy.clock.now());
    let sending = this.#transport.send(notification, deviceToken, options);
    let attempts = 0;
    let lastUnconfirmed: Unconfirmed | undefined;
    for (let sends = 1; ; sends++) {
      const outcome = await sending;
      attempts += outcome.attempts;
      if (outcome.kind === "unconfirmed") lastUnconfirmed = outcome;
      const delayMs = sends < this.#policy.attempts ? this.#delayFor(outcome, sends) : undefined;
      if (delayMs === undefined || !deadline.allows(delayMs) || !(await this.#waited(delayMs, options.signal))) {
        // After an unconfirmed attempt, a later unsent one does not make the notification certainly unprocessed.
        return { ...(outcome.kind === "unsent" ? (lastUnconfirmed ?? outcome) : outcome), attempts };
      }
      sending = this.sendAgain(this.#transport, notification, deviceToken, deadline.options());
    }
  }

  /** The delay before the next attempt, in milliseconds; `undefined` if the outcome is final. */
  #delayFor(outcome: Outcome, sends: number): number | undefined {
    const { baseDelayMs, maxDelayMs, maxRetryAfterMs, random } = this.#policy;
    if (!this.#mayRepeat(outcome)) return undefined;
    const delayMs = backOffDelayMs(sends, { baseMs: baseDelayMs, maxMs: maxDelayMs, random });
    const asked = outcome.kind === "rejected" ? outcome.retryAfterMs : undefined;
    if (asked === undefined) return delayMs;
    return asked > maxRetryAfterMs ? undefined : Math.max(asked, delayMs);
  }

  #mayRepeat(outcome: Outcome): boolean {
    switch (outcome.kind) {
      case "accepted":
        return false;
      case "rejected":
        return outcome.retryable;
      case "unsent":
        return isTransient(outcome.cause);
      case "unconfirmed":
        return this.#policy.resendUnconfirmed && isTransient(outcome.cause);
    }
  }

  /** Waits; resolves with false if the caller aborted or the transport was closed meanwhile. */
  async #waited(delayMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.isClosing || signal?.aborted) return false;
    const wait = new AbortController();
    this.#waits.add(wait);
    const unwatch = signal === undefined ? undefined : this.#signals.add(signal, wait);
    try {
      await this.#policy.sleep(delayMs, wait.signal);
    } finally {
      this.#waits.delete(wait);
      unwatch?.();
    }
    return !wait.signal.aborted;
  }
}

/** Causes that a retry does not remove, and the caller's own abort. */
const nonRetryableCodes: ReadonlySet<string> = new Set([
  "ERR_APNS_ABORTED",
  "ERR_APNS_CREDENTIALS",
  "ERR_APNS_INVALID_ARGUMENT",
  "ERR_APNS_PAYLOAD_TOO_LARGE",
  "ERR_APNS_TRANSPORT_CLOSED",
  "ERR_APNS_UNSUPPORTED",
]);

/** A transport sets `retryable` to false on causes that another attempt does not remove, such as an untrusted certificate. */
function isTransient(cause: { readonly code: string; readonly retryable?: boolean }): boolean {
  return !nonRetryableCodes.has(cause.code) && cause.retryable !== false;
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
