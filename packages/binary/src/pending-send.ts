import { type ApnsError, type Outcome, rejectedByStatus } from "@apns/core";
import type { Epoch } from "./epochs.js";
import type { FrameTemplate } from "./frame-template.js";

/** Outcomes so far, and what is in flight: the figures that `stats()` reports. */
export interface Tally {
  inFlight: number;
  accepted: number;
  rejected: number;
  unsent: number;
  unconfirmed: number;
}

/** A send that is not settled yet. */
export class PendingSend {
  readonly template: FrameTemplate;
  readonly deviceToken: string;
  /** Given back in the outcome; the legacy wire does not carry it. */
  readonly apnsId: string | undefined;
  readonly deadlineAt: number;
  readonly epoch: Epoch;
  /** How often it was written. */
  attempts = 0;
  /** Whether it is in the queue, not on a connection. */
  waiting = true;
  /** Whether it may have been accepted on a connection that was lost: it cannot be `unsent` any more. */
  doubtful = false;
  settled = false;
  /** Stops listening to the caller's signal. */
  detach: (() => void) | undefined = undefined;
  readonly #tally: Tally;
  readonly #resolve: (outcome: Outcome) => void;

  constructor(
    template: FrameTemplate,
    deviceToken: string,
    apnsId: string | undefined,
    deadlineAt: number,
    epoch: Epoch,
    tally: Tally,
    resolve: (outcome: Outcome) => void,
  ) {
    this.template = template;
    this.deviceToken = deviceToken;
    this.apnsId = apnsId;
    this.deadlineAt = deadlineAt;
    this.epoch = epoch;
    this.#tally = tally;
    this.#resolve = resolve;
    tally.inFlight++;
  }

  accept(): void {
    if (this.settled) return;
    const { deviceToken, apnsId, attempts } = this;
    this.#tally.accepted++;
    this.#settle({ kind: "accepted", deviceToken, apnsId, attempts });
  }

  reject(statusCode: number): void {
    if (this.settled) return;
    this.#tally.rejected++;
    this.#settle(rejectedByStatus(this, statusCode));
  }

  /** Settles it without a verdict, with what is certain. */
  giveUp(cause: ApnsError): void {
    if (this.settled) return;
    const { deviceToken, apnsId, attempts } = this;
    const kind = this.waiting && !this.doubtful ? "unsent" : "unconfirmed";
    this.#tally[kind]++;
    this.#settle({ kind, deviceToken, apnsId, attempts, cause });
  }

  #settle(outcome: Outcome): void {
    this.settled = true;
    this.#tally.inFlight--;
    if (this.detach !== undefined) this.detach();
    this.epoch.settledOne();
    this.#resolve(outcome);
  }
}
