import { type Clock, systemClock } from "../clock.js";
import { InvalidArgumentError } from "../errors.js";
import { checkFlag, checkFunction, checkInteger } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";
import { checkTransport } from "../internal/check-transport.js";
import type { Notification } from "../notification.js";
import type { Accepted, Outcome, Unconfirmed } from "../outcome.js";
import { reasonRow } from "../reason.js";
import type { SendOptions, Transport } from "../transport.js";
import { AttemptDeadline, ResendingTransport } from "./resending-transport.js";

/** The outcome of a send that APNs did not accept. */
export type NonAcceptedOutcome = Exclude<Outcome, Accepted>;

export interface FailoverOptions {
  /**
   * Whether an outcome is the transport's failure, so that the notification goes to the next transport. `unconfirmed` ones go
   * there only with `resendUnconfirmed`. @default `isTransportFailure`
   */
  readonly shouldFailOver?: (outcome: NonAcceptedOutcome) => boolean;
  /** Also fails over after `unconfirmed`, which may duplicate the notification. @default false */
  readonly resendUnconfirmed?: boolean;
  /** Failures in a row that open a transport's circuit breaker: it is then skipped. @default 10 */
  readonly maxFailures?: number;
  /** How long a circuit breaker stays open, in milliseconds; then one notification is sent as a probe. @default 30_000 */
  readonly coolDownMs?: number;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

const failoverOptionNames = optionNames<FailoverOptions>({
  shouldFailOver: true,
  resendUnconfirmed: true,
  maxFailures: true,
  coolDownMs: true,
  clock: true,
});

/**
 * Whether an outcome is a failure of the transport, and not of the notification, the device token or the caller: no working
 * connection or credentials, a connection lost, or a refusal because of the server (5xx) or the credentials (403).
 */
export function isTransportFailure(outcome: NonAcceptedOutcome): boolean {
  if (outcome.kind !== "rejected") return !nonFailoverCodes.has(outcome.cause.code);
  const httpStatus = outcome.httpStatus ?? reasonRow(outcome.reason).httpStatus;
  return httpStatus >= 500 || httpStatus === 403;
}

/** Causes that another transport does not remove, and the caller's own abort. */
const nonFailoverCodes: ReadonlySet<string> = new Set([
  "ERR_APNS_ABORTED",
  "ERR_APNS_INVALID_ARGUMENT",
  "ERR_APNS_PAYLOAD_TOO_LARGE",
  "ERR_APNS_QUEUE_FULL",
  "ERR_APNS_UNSUPPORTED",
]);

/**
 * A transport that sends over the first of several, and over the next one if that fails. `unconfirmed` notifications are not
 * sent again unless `resendUnconfirmed` is set; the `attempts` of outcomes add up. A send's `timeoutMs` bounds all attempts
 * together: a first transport that uses it up leaves nothing to the second, until `maxFailures` opens its circuit breaker.
 * @throws {InvalidArgumentError} naming the option that is wrong
 */
export function failover(transports: readonly Transport[], options: FailoverOptions = {}): Transport {
  checkOptions("failover", options, failoverOptionNames);
  return new FailoverTransport(transports, {
    shouldFailOver: checkFunction("shouldFailOver", options.shouldFailOver ?? isTransportFailure),
    resendUnconfirmed: checkFlag("resendUnconfirmed", options.resendUnconfirmed),
    maxFailures: checkInteger("maxFailures", options.maxFailures ?? 10, 1),
    coolDownMs: checkInteger("coolDownMs", options.coolDownMs ?? 30_000, 0),
    clock: options.clock ?? systemClock,
  });
}

class FailoverTransport extends ResendingTransport {
  readonly #members: readonly Member[];
  readonly #options: Required<FailoverOptions>;

  constructor(transports: readonly Transport[], options: Required<FailoverOptions>) {
    if (!Array.isArray(transports) || transports.length === 0) {
      throw new InvalidArgumentError("transports", "is not a list of at least one transport, the preferred one first.");
    }
    for (const [index, transport] of transports.entries()) checkTransport(`transports[${index}]`, transport);
    super("failover", transports);
    this.#members = transports.map((transport) => new Member(transport, options));
    this.#options = options;
  }

  /** The preferred transport's: one transport is used at a time. */
  override get concurrency(): number | undefined {
    return this.#members[0]!.transport.concurrency;
  }

  protected override async sendUntilSettled(
    notification: Notification,
    deviceToken: string,
    options: SendOptions,
  ): Promise<Outcome> {
    const now = (): number => this.#options.clock.now();
    const deadline = new AttemptDeadline(options, now);
    let member = this.#next(0);
    let sending = member.transport.send(notification, deviceToken, options);
    let attempts = 0;
    let lastUnconfirmed: Unconfirmed | undefined;
    for (;;) {
      const { outcome, hasFailed } = await member.judge(sending);
      attempts += outcome.attempts;
      if (outcome.kind === "unconfirmed") lastUnconfirmed = outcome;
      const mayRepeat = hasFailed && (outcome.kind !== "unconfirmed" || this.#options.resendUnconfirmed);
      const position = this.#members.indexOf(member) + 1;
      const isOver = this.isClosing || options.signal?.aborted || !deadline.allows(0);
      if (!mayRepeat || isOver || position === this.#members.length) {
        // After an unconfirmed attempt, a later unsent one does not make the notification certainly unprocessed.
        return { ...(outcome.kind === "unsent" ? (lastUnconfirmed ?? outcome) : outcome), attempts };
      }
      member = this.#next(position);
      sending = this.sendAgain(member.transport, notification, deviceToken, deadline.options());
    }
  }

  /** The first member from `position` on whose circuit breaker lets the send pass; the last one if none does. */
  #next(position: number): Member {
    const now = this.#options.clock.now();
    for (let index = position; index < this.#members.length - 1; index++) {
      const member = this.#members[index]!;
      if (member.mayTry(now)) return member;
    }
    return this.#members.at(-1)!;
  }
}

/** A transport with its circuit breaker. */
class Member {
  readonly transport: Transport;
  readonly #options: Required<FailoverOptions>;
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  constructor(transport: Transport, options: Required<FailoverOptions>) {
    this.transport = transport;
    this.#options = options;
  }

  /** Whether a notification may be sent: the breaker is closed, or half-open without a probe in flight. */
  mayTry(now: number): boolean {
    if (this.#failures < this.#options.maxFailures) return true;
    if (this.#probing || now < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  /** Awaits the outcome and updates the circuit breaker by it. */
  async judge(sending: Promise<Outcome>): Promise<{ readonly outcome: Outcome; readonly hasFailed: boolean }> {
    try {
      const outcome = await sending;
      const hasFailed = outcome.kind !== "accepted" && this.#options.shouldFailOver(outcome);
      if (hasFailed) this.#fail();
      // The caller's own causes (unsent, unconfirmed) say nothing about the transport, so they do not reset the count.
      else if (outcome.kind === "accepted" || outcome.kind === "rejected") this.#failures = 0;
      return { outcome, hasFailed };
    } finally {
      this.#probing = false;
    }
  }

  #fail(): void {
    this.#failures++;
    if (this.#failures >= this.#options.maxFailures) {
      this.#openUntil = this.#options.clock.now() + this.#options.coolDownMs;
    }
  }
}
