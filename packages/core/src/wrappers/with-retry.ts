import { type Clock, systemClock } from "../clock.js";
import { backOffDelayMs } from "../internal/back-off.js";
import { checkInteger, checkOneOf } from "../internal/check.js";
import { SignalRegistry } from "../internal/signal-registry.js";
import { maxTimerDelayMs } from "../internal/timers.js";
import { addStats, waitingOnly } from "../internal/transport-stats.js";
import type { Notification } from "../notification.js";
import type { Outcome, Unconfirmed } from "../outcome.js";
import type { CloseOptions, SendOptions, Transport, TransportStats } from "../transport.js";
import { AttemptDeadline, ResendingTransport } from "./resending-transport.js";

/** When and how often `withRetry` sends again. */
export interface RetryPolicy {
  /** How often a notification is handed to the transport, the first time included. @default 4 */
  readonly attempts?: number;
  /** The wait before the first repetition, in milliseconds; it doubles with each. @default 1_000 */
  readonly baseDelayMs?: number;
  /** The longest wait that doubling leads to, in milliseconds. @default 60_000 */
  readonly maxDelayMs?: number;
  /**
   * The longest wait APNs may ask for (`retryAfterMs`), in milliseconds. What should wait longer is given back as it is.
   * @default `maxDelayMs`
   */
  readonly maxRetryAfterMs?: number;
  /** Also sends again what may have been processed: people may then see it twice. @default false */
  readonly resendUnconfirmed?: boolean;
  /** A number from 0 to 1 (exclusive), for the jitter. @default Math.random */
  readonly random?: () => number;
  /** Waits; ends early, without failing, when `signal` fires. @default a timer */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Where the time is read that counts against a send's `timeoutMs`. @default the machine's clock */
  readonly clock?: Clock;
}

/**
 * A transport that sends again what may succeed later: `unsent` notifications, and `rejected` ones that are `retryable`
 * (429, 5xx). Waits grow exponentially and vary by half, so that many senders do not come back at the same instant.
 *
 * A send's `timeoutMs` and `signal` bound all of its attempts and waits; without `timeoutMs`, each attempt has the
 * transport's own. Closing ends the waits: those notifications settle with the outcome they had. `attempts` of the
 * outcomes add up.
 * @throws {InvalidArgumentError} naming the part of the policy that is wrong
 */
export function withRetry(transport: Transport, policy: RetryPolicy = {}): Transport {
  return new RetryingTransport(transport, resolvePolicy(policy));
}

function resolvePolicy(policy: RetryPolicy): Required<RetryPolicy> {
  const maxDelayMs = checkInteger("maxDelayMs", policy.maxDelayMs ?? 60_000, 0, maxTimerDelayMs);
  return {
    attempts: checkInteger("attempts", policy.attempts ?? 4, 1),
    baseDelayMs: checkInteger("baseDelayMs", policy.baseDelayMs ?? 1_000, 0, maxTimerDelayMs),
    maxDelayMs,
    maxRetryAfterMs: checkInteger("maxRetryAfterMs", policy.maxRetryAfterMs ?? maxDelayMs, 0, maxTimerDelayMs),
    resendUnconfirmed: checkOneOf("resendUnconfirmed", policy.resendUnconfirmed ?? false, [true, false]),
    random: policy.random ?? Math.random,
    sleep: policy.sleep ?? sleep,
    clock: policy.clock ?? systemClock,
  };
}

class RetryingTransport extends ResendingTransport {
  readonly #transport: Transport;
  readonly #policy: Required<RetryPolicy>;
  /** Ends the waits that are under way. */
  readonly #waits = new Set<AbortController>();
  readonly #signals = new SignalRegistry<AbortController>((waits) => {
    for (const wait of waits) wait.abort();
  });
  #closing = false;

  constructor(transport: Transport, policy: Required<RetryPolicy>) {
    super(transport.protocol, [transport]);
    this.#transport = transport;
    this.#policy = policy;
  }

  override stats(): TransportStats {
    return addStats([super.stats(), waitingOnly(this.#waits.size, this.#waits.size)]);
  }

  override async close(options?: CloseOptions): Promise<void> {
    this.#closing = true;
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
    let doubtful: Unconfirmed | undefined;
    for (let sends = 1; ; sends++) {
      const outcome = await sending;
      attempts += outcome.attempts;
      if (outcome.kind === "unconfirmed") doubtful = outcome;
      const delayMs = sends < this.#policy.attempts ? this.#delayFor(outcome, sends) : undefined;
      if (delayMs === undefined || !deadline.allows(delayMs) || !(await this.#waited(delayMs, options.signal))) {
        // What may have been processed once does not become "certainly not processed" by a later attempt.
        return { ...(outcome.kind === "unsent" ? (doubtful ?? outcome) : outcome), attempts };
      }
      sending = this.sendAgain(this.#transport, notification, deviceToken, deadline.options());
    }
  }

  /** How long to wait before sending again; undefined if that is not to be. */
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
        return mayPass(outcome.cause);
      case "unconfirmed":
        return this.#policy.resendUnconfirmed && mayPass(outcome.cause);
    }
  }

  /** Waits; false if the caller gave up or the transport was closed meanwhile. */
  async #waited(delayMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#closing || signal?.aborted) return false;
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

/** Causes that time alone does not remove; and what the caller wanted to end. */
const lasting: ReadonlySet<string> = new Set([
  "ERR_APNS_ABORTED",
  "ERR_APNS_CREDENTIALS",
  "ERR_APNS_INVALID_ARGUMENT",
  "ERR_APNS_PAYLOAD_TOO_LARGE",
  "ERR_APNS_TRANSPORT_CLOSED",
  "ERR_APNS_UNSUPPORTED",
]);

/** A transport may say of a cause that another attempt is in vain, as for a server's certificate that is not trusted. */
function mayPass(cause: { readonly code: string; readonly retryable?: boolean }): boolean {
  return !lasting.has(cause.code) && cause.retryable !== false;
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
