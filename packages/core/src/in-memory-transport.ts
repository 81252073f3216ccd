import { assertDeviceToken } from "./device-token.js";
import { ApnsError, InvalidArgumentError } from "./errors.js";
import { checkFunction, checkInteger, show } from "./internal/check.js";
import { checkOptions, optionNames } from "./internal/check-options.js";
import { checkSendOptions, closeTimeoutMs } from "./internal/send-options.js";
import { waitingOnly } from "./internal/transport-stats.js";
import { assertNotification, type Notification } from "./notification.js";
import { type Outcome, rejectedByHttp } from "./outcome.js";
import { type Reason, reasonRow } from "./reason.js";
import type { CloseOptions, SendOptions, Transport, TransportStats } from "./transport.js";

/** One call of `send` on an `InMemoryTransport`. */
export interface RecordedSend {
  readonly notification: Notification;
  readonly deviceToken: string;
  readonly options: SendOptions;
  /** 0 for the first call. */
  readonly index: number;
}

/**
 * The outcome of a send: a kind of outcome; a reason of APNs', which makes it `rejected` with the HTTP status and rules of the
 * table; or a complete outcome.
 */
export type ScriptedAnswer = Outcome | "accepted" | "unsent" | "unconfirmed" | Reason;

export interface InMemoryTransportOptions {
  /** The outcome of each send to a device token without a script. @default `accepted` */
  readonly outcome?: (send: RecordedSend) => ScriptedAnswer | Promise<ScriptedAnswer>;
  /** The number of sends that `sent` keeps, the newest ones. @default 10_000 */
  readonly maxRecorded?: number;
}

const inMemoryTransportOptionNames = optionNames<InMemoryTransportOptions>({ outcome: true, maxRecorded: true });

/** A transport without a network, for tests of code that sends: it answers as scripted and records every send. */
export class InMemoryTransport implements Transport {
  readonly protocol = "memory";
  readonly #decide: (send: RecordedSend) => ScriptedAnswer | Promise<ScriptedAnswer>;
  readonly #maxRecorded: number;
  readonly #scripts = new Map<string, ScriptedAnswer[]>();
  readonly #inFlight = new Set<Promise<Outcome>>();
  #sent: RecordedSend[] = [];
  #count = 0;
  #closed = false;

  constructor(options: InMemoryTransportOptions = {}) {
    checkOptions("InMemoryTransport", options, inMemoryTransportOptionNames);
    this.#decide = checkFunction("outcome", options.outcome ?? (() => "accepted"));
    this.#maxRecorded = checkInteger("maxRecorded", options.maxRecorded ?? 10_000, 0);
  }

  /** The newest sends, oldest first. */
  get sent(): readonly RecordedSend[] {
    return this.#newest();
  }

  /**
   * Sets the answers to the next sends to a device token, in order; the last one is repeated. A new script replaces the old
   * one.
   * @throws {InvalidArgumentError} if no answer is given
   */
  script(deviceToken: string, ...answers: readonly ScriptedAnswer[]): void {
    assertDeviceToken(deviceToken);
    if (answers.length === 0) {
      throw new InvalidArgumentError("answers", 'are none; give at least one, such as "Unregistered".');
    }
    this.#scripts.set(deviceToken.toLowerCase(), [...answers]);
  }

  /** Clears `sent` and all scripts. */
  reset(): void {
    this.#sent = [];
    this.#count = 0;
    this.#scripts.clear();
  }

  async send(notification: Notification, deviceToken: string, options: SendOptions = {}): Promise<Outcome> {
    if (this.#closed) throw new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "send: the transport is closed.");
    assertDeviceToken(deviceToken);
    assertNotification(notification);
    checkSendOptions(options);
    const send: RecordedSend = { notification, deviceToken, options, index: this.#count++ };
    this.#record(send);
    if (options.signal?.aborted) {
      const cause = new ApnsError("ERR_APNS_ABORTED", "The caller aborted this notification before it was sent.");
      return { kind: "unsent", deviceToken, apnsId: options.apnsId, attempts: 0, cause };
    }
    const settled = this.#answer(send);
    this.#inFlight.add(settled);
    try {
      return await settled;
    } finally {
      this.#inFlight.delete(settled);
    }
  }

  stats(): TransportStats {
    return waitingOnly(this.#inFlight.size, 0);
  }

  /** Waits for the sends in flight, without a limit. */
  async close(options: CloseOptions = {}): Promise<void> {
    closeTimeoutMs(options);
    this.#closed = true;
    await Promise.allSettled(this.#inFlight);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(send: RecordedSend): Promise<Outcome> {
    const script = this.#scripts.get(send.deviceToken.toLowerCase());
    if (script === undefined) return asOutcome(await this.#decide(send), send);
    return asOutcome(script.length > 1 ? script.shift()! : script[0]!, send);
  }

  #newest(): RecordedSend[] {
    return this.#sent.slice(Math.max(0, this.#sent.length - this.#maxRecorded));
  }

  #record(send: RecordedSend): void {
    this.#sent.push(send);
    // Trimmed at twice the limit, which amortises the copy over many sends.
    if (this.#sent.length > this.#maxRecorded * 2) this.#sent = this.#newest();
  }
}

function asOutcome(answer: ScriptedAnswer, { deviceToken, options }: RecordedSend): Outcome {
  if (typeof answer === "object") return answer;
  const base = { deviceToken, apnsId: options.apnsId, attempts: 1 };
  switch (answer) {
    case "accepted":
      return { ...base, kind: "accepted" };
    case "unsent": {
      const cause = new ApnsError("ERR_APNS_CONNECT_FAILED", "Scripted: there was no connection.");
      return { ...base, attempts: 0, kind: "unsent", cause };
    }
    case "unconfirmed": {
      const cause = new ApnsError("ERR_APNS_CONNECTION_LOST", "Scripted: the connection was lost before the answer.");
      return { ...base, kind: "unconfirmed", cause };
    }
  }
  if (typeof answer !== "string" || answer === "") {
    throw new InvalidArgumentError("outcome", `${show(answer)} is neither an outcome nor a reason.`);
  }
  return rejectedByHttp(base, { reason: answer, httpStatus: reasonRow(answer).httpStatus });
}
