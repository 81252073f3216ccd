import { checkInteger } from "./check.js";
import { assertDeviceToken } from "./device-token.js";
import { ApnsError } from "./errors.js";
import type { Notification } from "./notification.js";
import type { Outcome } from "./outcome.js";
import type { SendOptions, Transport } from "./transport.js";

/** One call of `send`, as `InMemoryTransport` saw it. */
export interface RecordedSend {
  readonly notification: Notification;
  readonly deviceToken: string;
  readonly options: SendOptions;
  /** 0 for the first call. */
  readonly index: number;
}

export interface InMemoryTransportOptions {
  /** Decides the outcome of each send. @default accepts everything */
  readonly outcome?: (send: RecordedSend) => Outcome | Promise<Outcome>;
  /** How many sends `sent` remembers, the newest ones. @default 10_000 */
  readonly maxRecorded?: number;
}

/** A transport without a network, for tests of code that sends: it answers as scripted and remembers what was sent. */
export class InMemoryTransport implements Transport {
  readonly protocol = "memory";
  readonly #outcome: (send: RecordedSend) => Outcome | Promise<Outcome>;
  readonly #maxRecorded: number;
  readonly #inFlight = new Set<Promise<Outcome>>();
  #sent: RecordedSend[] = [];
  #count = 0;
  #closed = false;

  constructor(options: InMemoryTransportOptions = {}) {
    this.#outcome = options.outcome ?? accept;
    this.#maxRecorded = checkInteger("maxRecorded", options.maxRecorded ?? 10_000, 0);
  }

  /** The newest sends, oldest first. */
  get sent(): readonly RecordedSend[] {
    return this.#sent.slice(-this.#maxRecorded || this.#sent.length);
  }

  async send(notification: Notification, deviceToken: string, options: SendOptions = {}): Promise<Outcome> {
    if (this.#closed) throw new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "send: the transport is closed.");
    assertDeviceToken(deviceToken);
    const send: RecordedSend = { notification, deviceToken, options, index: this.#count++ };
    this.#record(send);
    if (options.signal?.aborted) {
      const cause = new ApnsError("ERR_APNS_ABORTED", "The caller aborted this notification before it was sent.");
      return { kind: "unsent", deviceToken, apnsId: options.apnsId, attempts: 0, cause };
    }
    const settled = Promise.resolve(send).then(this.#outcome);
    this.#inFlight.add(settled);
    try {
      return await settled;
    } finally {
      this.#inFlight.delete(settled);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#inFlight);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #record(send: RecordedSend): void {
    this.#sent.push(send);
    // Trimmed at twice the limit, so that the copying is paid once for many sends.
    if (this.#sent.length > this.#maxRecorded * 2)
      this.#sent = this.#sent.slice(-this.#maxRecorded || this.#sent.length);
  }
}

function accept({ deviceToken, options }: RecordedSend): Outcome {
  return { kind: "accepted", deviceToken, apnsId: options.apnsId, attempts: 1 };
}
