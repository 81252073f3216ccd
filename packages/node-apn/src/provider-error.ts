import { ApnsError, type BroadcastOutcome, type Outcome } from "@apns/http2";

const meanings = {
  unsent: "Not sent, and safe to send again",
  unconfirmed: "Sent, but not answered: APNs may or may not have accepted it, so sending it again can duplicate it",
};

/** The `error` of a failure that is no answer of APNs. `code` is stable; `cause` is the error beneath. */
export class ProviderError extends ApnsError {
  override readonly name = "ProviderError";
  /** `unsent`: certainly not processed by APNs. `unconfirmed`: it may have been. */
  readonly kind: "unsent" | "unconfirmed";
  /** What is known of the notification; `undefined` if it came to no send. */
  readonly outcome: Outcome | BroadcastOutcome | undefined;

  constructor(kind: "unsent" | "unconfirmed", cause: unknown, outcome?: Outcome | BroadcastOutcome) {
    const { message } = cause instanceof Error ? cause : { message: String(cause) };
    const code = cause instanceof ApnsError ? cause.code : "ERR_APNS_INVALID_ARGUMENT";
    super(code, `${meanings[kind]}. ${message}`, { cause });
    this.kind = kind;
    this.outcome = outcome;
  }
}
