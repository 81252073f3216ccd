import { type Clock, systemClock } from "../clock.js";
import { InvalidArgumentError } from "../errors.js";
import { checkInteger, checkOneOf } from "../internal/check.js";
import type { Notification } from "../notification.js";
import type { Accepted, Outcome, Unconfirmed } from "../outcome.js";
import { reasonRow } from "../reason.js";
import type { SendOptions, Transport } from "../transport.js";
import { AttemptDeadline, ResendingTransport } from "./resending-transport.js";

/** What did not go well. */
export type NonAcceptedOutcome = Exclude<Outcome, Accepted>;

export interface FailoverOptions {
  /**
   * Whether the transport is to blame, so that the next one should try. An `unconfirmed` notification goes to the next
   * one only if `resendUnconfirmed` is set too. @default `isTransportFailure`
   */
  readonly shouldFailOver?: (outcome: NonAcceptedOutcome) => boolean;
  /** Also hands on what may have been processed: people may then see it twice. @default false */
  readonly resendUnconfirmed?: boolean;
  /** After so many failures in a row a transport is passed over. @default 10 */
  readonly maxFailures?: number;
  /** For how long, in milliseconds; then one notification tries it again. @default 30_000 */
  readonly coolDownMs?: number;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/**
 * Whether an outcome speaks against the transport rather than against the notification, the device token or the caller:
 * not sent for want of a working connection or credentials, lost on the way, or refused by a server in trouble (5xx) or
 * for the credentials (403).
 */
export function isTransportFailure(outcome: NonAcceptedOutcome): boolean {
  if (outcome.kind !== "rejected") return !callersDoing.has(outcome.cause.code);
  const httpStatus = outcome.httpStatus ?? reasonRow(outcome.reason).httpStatus;
  return httpStatus >= 500 || httpStatus === 403;
}

/** Another transport would do no better, or should not be made to. */
const callersDoing: ReadonlySet<string> = new Set([
  "ERR_APNS_ABORTED",
  "ERR_APNS_INVALID_ARGUMENT",
  "ERR_APNS_PAYLOAD_TOO_LARGE",
  "ERR_APNS_QUEUE_FULL",
  "ERR_APNS_UNSUPPORTED",
]);

/**
 * A transport that sends over the first of several, and over the next one when that fails. What may have been processed
 * is not sent again unless told so; the `attempts` of outcomes add up. A send's `timeoutMs` bounds all attempts together,
 * so that little is left for the second transport if the first one uses it up: after `maxFailures` it is not asked.
 * @throws {InvalidArgumentError} naming the option that is wrong
 */
export function failover(transports: readonly Transport[], options: FailoverOptions = {}): Transport {
  return new FailoverTransport(transports, {
    shouldFailOver: options.shouldFailOver ?? isTransportFailure,
    resendUnconfirmed: checkOneOf("resendUnconfirmed", options.resendUnconfirmed ?? false, [true, false]),
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
    super("failover", transports);
    this.#members = transports.map((transport) => new Member(transport, options));
    this.#options = options;
  }

  /** One transport is used at a time. */
  override get concurrency(): number | undefined {
    return this.#members[0]?.transport.concurrency;
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
    let doubtful: Unconfirmed | undefined;
    for (;;) {
      const { outcome, hasFailed } = await member.judge(sending);
      attempts += outcome.attempts;
      if (outcome.kind === "unconfirmed") doubtful = outcome;
      const mayRepeat = hasFailed && (outcome.kind !== "unconfirmed" || this.#options.resendUnconfirmed);
      const position = this.#members.indexOf(member) + 1;
      if (!mayRepeat || position === this.#members.length || !deadline.allows(0) || options.signal?.aborted) {
        // What may have been processed once does not become "certainly not processed" by a later attempt.
        return { ...(outcome.kind === "unsent" ? (doubtful ?? outcome) : outcome), attempts };
      }
      member = this.#next(position);
      sending = this.sendAgain(member.transport, notification, deviceToken, deadline.options());
    }
  }

  /** The first member from `position` on that may be asked; the last one if none may. */
  #next(position: number): Member {
    const now = this.#options.clock.now();
    for (let index = position; index < this.#members.length - 1; index++) {
      const member = this.#members[index]!;
      if (member.mayTry(now)) return member;
    }
    return this.#members.at(-1)!;
  }
}

/** A transport, and how it has done of late. */
class Member {
  readonly transport: Transport;
  readonly #options: Required<FailoverOptions>;
  #failures = 0;
  #restsUntil = 0;
  #probing = false;

  constructor(transport: Transport, options: Required<FailoverOptions>) {
    this.transport = transport;
    this.#options = options;
  }

  /** Whether it takes a notification now. After a rest, it takes one, and shows with it what it can do. */
  mayTry(now: number): boolean {
    if (this.#failures < this.#options.maxFailures) return true;
    if (this.#probing || now < this.#restsUntil) return false;
    this.#probing = true;
    return true;
  }

  /** Awaits the outcome and learns from it. */
  async judge(sending: Promise<Outcome>): Promise<{ readonly outcome: Outcome; readonly hasFailed: boolean }> {
    try {
      const outcome = await sending;
      const hasFailed = outcome.kind !== "accepted" && this.#options.shouldFailOver(outcome);
      if (hasFailed) this.#fail();
      // A notification that says nothing about the transport does not clear it either.
      else if (outcome.kind === "accepted" || outcome.kind === "rejected") this.#failures = 0;
      return { outcome, hasFailed };
    } finally {
      this.#probing = false;
    }
  }

  #fail(): void {
    this.#failures++;
    if (this.#failures >= this.#options.maxFailures) {
      this.#restsUntil = this.#options.clock.now() + this.#options.coolDownMs;
    }
  }
}
