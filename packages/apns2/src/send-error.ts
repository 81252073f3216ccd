import { ApnsError, type Outcome } from "@apns/http2";
import type { Notification } from "./notification.js";

const meanings = {
  unsent: "Not sent, and safe to send again",
  unconfirmed: "Sent, but not answered: APNs may or may not have accepted it, so sending it again can duplicate it",
};

/** APNs gave no answer. `code` is stable; `cause` is the error beneath. */
export class SendError extends ApnsError {
  override readonly name = "SendError";
  /** `unsent`: certainly not processed by APNs. `unconfirmed`: it may have been. */
  readonly kind: "unsent" | "unconfirmed";
  readonly notification: Notification;
  readonly outcome: Outcome;

  constructor(notification: Notification, outcome: Extract<Outcome, { cause: unknown }>, connectError?: ApnsError) {
    const cause = connectError ?? outcome.cause;
    super(cause.code, `${meanings[outcome.kind]}. ${cause.message}`, { cause });
    this.kind = outcome.kind;
    this.notification = notification;
    this.outcome = outcome;
  }
}
