import type { ApnsError, Notification, Outcome } from "@apns/core";
import type { Connection } from "./connection.js";

/** A send that is not settled yet. */
export class PendingSend {
  readonly notification: Notification;
  readonly deviceToken: string;
  /** The caller's, if any. */
  readonly apnsId: string | undefined;
  /** On the transport's clock. */
  readonly deadlineAt: number;
  /** How often it was written. */
  attempts = 0;
  /** Whether a provider token called expired has been replaced for it once. */
  reauthenticated = false;
  settled = false;
  /** Waits in the queue. */
  queued = false;
  /** Its place in the order in which sends came. */
  sequence = 0;
  /** The connection it was written to last. */
  connection: Connection | undefined;
  /** Gives up on the open stream; undefined while it waits for one. */
  cancel: (() => void) | undefined;
  /** Stops listening to the caller's signal. */
  detach: (() => void) | undefined;
  readonly #resolve: (outcome: Outcome) => void;

  constructor(
    notification: Notification,
    deviceToken: string,
    apnsId: string | undefined,
    deadlineAt: number,
    resolve: (outcome: Outcome) => void,
  ) {
    this.notification = notification;
    this.deviceToken = deviceToken;
    this.apnsId = apnsId;
    this.deadlineAt = deadlineAt;
    this.#resolve = resolve;
  }

  get written(): boolean {
    return this.cancel !== undefined;
  }

  settle(outcome: Outcome): void {
    this.settled = true;
    this.detach?.();
    this.#resolve(outcome);
  }

  /** Settles without an answer, with what is certain: `unsent` if no attempt is open, else `unconfirmed`. */
  giveUp(cause: ApnsError): void {
    const { deviceToken, apnsId, attempts } = this;
    const { cancel } = this;
    this.settle({ kind: cancel === undefined ? "unsent" : "unconfirmed", deviceToken, apnsId, attempts, cause });
    cancel?.();
  }
}
