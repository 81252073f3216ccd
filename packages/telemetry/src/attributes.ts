import type { Outcome } from "@apns/core";
import { cutText } from "@apns/core/internal";

/** In characters; Apple's longest reason has 36. Each reason is kept, and told at every scrape. */
const maxReasonLength = 100;

/** Names of the attributes of metrics and spans. `http.response.status_code` and `error.type` are OpenTelemetry's own. */
export const attributeNames = {
  protocol: "apns.protocol",
  outcome: "apns.outcome",
  reason: "apns.reason",
  pushType: "apns.push_type",
  topic: "apns.topic",
  apnsId: "apns.id",
  attempts: "apns.attempts",
  connectionEvent: "apns.connection.event",
  httpStatus: "http.response.status_code",
  errorType: "error.type",
} as const;

/** APNs' reason of a `rejected` outcome, the code of the cause of an `unsent` or `unconfirmed` one, `undefined` for `accepted`. */
export function reasonOf(outcome: Outcome): string | undefined {
  if (outcome.kind === "accepted") return undefined;
  return outcome.kind === "rejected" ? cutText(outcome.reason, maxReasonLength) : outcome.cause.code;
}
