import { type ApnsError, type Outcome, rejectedByStatus } from "@apns/core";
import type { Epoch } from "./epochs.js";
import type { FrameTemplate } from "./frame-template.js";

/** What few sends have. */
export interface SendExtras {
  /** Given back in the outcome; the legacy wire does not carry it. */
  readonly apnsId: string | undefined;
  /** Stops listening to the caller's signal. */
  detach: (() => void) | undefined;
}

/**
 * A send that is not settled yet. Tens of thousands of these are alive at any time, and the garbage collector copies
 * each: every field counts.
 */
export class PendingSend {
  readonly template: FrameTemplate;
  readonly deviceToken: string;
  /** Whole milliseconds: a fraction would be an object of its own. */
  readonly deadlineAt: number;
  readonly epoch: Epoch;
  readonly extras: SendExtras | undefined;
  /** How often it was written. */
  attempts = 0;
  /** Waiting in the queue, on a connection, or settled. */
  state: "waiting" | "written" | "settled" = "waiting";
  /** Whether it may have been accepted on a connection that was lost: it cannot be `unsent` any more. */
  doubtful = false;
  readonly #resolve: (outcome: Outcome) => void;

  constructor(
    template: FrameTemplate,
    deviceToken: string,
    deadlineAt: number,
    epoch: Epoch,
    extras: SendExtras | undefined,
    resolve: (outcome: Outcome) => void,
  ) {
    this.template = template;
    this.deviceToken = deviceToken;
    this.deadlineAt = deadlineAt;
    this.epoch = epoch;
    this.extras = extras;
    this.#resolve = resolve;
    epoch.added();
  }

  get apnsId(): string | undefined {
    return this.extras?.apnsId;
  }

  accept(): void {
    if (this.state === "settled") return;
    this.#settle({ kind: "accepted", deviceToken: this.deviceToken, apnsId: this.apnsId, attempts: this.attempts });
  }

  reject(statusCode: number): void {
    if (this.state === "settled") return;
    this.#settle(rejectedByStatus(this, statusCode));
  }

  /** Settles it without a verdict, with what is certain. */
  giveUp(cause: ApnsError): void {
    if (this.state === "settled") return;
    const { deviceToken, apnsId, attempts } = this;
    const kind = this.state === "waiting" && !this.doubtful ? "unsent" : "unconfirmed";
    this.#settle({ kind, deviceToken, apnsId, attempts, cause });
  }

  #settle(outcome: Outcome): void {
    this.state = "settled";
    this.extras?.detach?.();
    this.epoch.settled(outcome.kind);
    this.#resolve(outcome);
  }
}
