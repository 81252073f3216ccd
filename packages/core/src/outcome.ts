import type { ApnsError } from "./errors.js";
import { legacyStatusRow } from "./legacy-status.js";
import { isRetryable, type Reason, reasonRow } from "./reason.js";

interface OutcomeBase {
  /** The device token, as it was given to `send`. */
  readonly deviceToken: string;
  /** The `apns-id`: the one given to `send`, or the one APNs made. `undefined` on the legacy wire. */
  readonly apnsId: string | undefined;
  /** How often the notification was written to a connection. */
  readonly attempts: number;
}

/** APNs accepted the notification. That does not mean that the device has it. */
export interface Accepted extends OutcomeBase {
  readonly kind: "accepted";
  /** Key into Apple's delivery log; given by the development environment only. */
  readonly apnsUniqueId?: string;
}

/** APNs refused the notification. */
export interface Rejected extends OutcomeBase {
  readonly kind: "rejected";
  /** APNs' reason verbatim (HTTP/2), or the reason with the meaning of the status code (legacy). */
  readonly reason: Reason;
  /** HTTP/2 only. */
  readonly httpStatus?: number;
  /** Legacy wire only: the status code of the error response. */
  readonly statusCode?: number;
  /** Since when the device token is dead for the topic. Compare it with when the app last reported the token. */
  readonly unregisteredAt?: Date;
  /** The wait that APNs asks for in `retry-after`, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The probable cause and the fix, where the transport knows more than the reason says. */
  readonly detail?: string;
  /** Whether the same notification may succeed later without a change. */
  readonly retryable: boolean;
  /** Whether the device token is dead and should be removed from your records: status 410 only. */
  readonly dropToken: boolean;
}

/** Certainly never processed by APNs: sending the notification again cannot duplicate it. */
export interface Unsent extends OutcomeBase {
  readonly kind: "unsent";
  /** Why the notification was not sent. */
  readonly cause: ApnsError;
}

/** Written, and no verdict will come: APNs may or may not have accepted the notification. */
export interface Unconfirmed extends OutcomeBase {
  readonly kind: "unconfirmed";
  /** Why there is no verdict. */
  readonly cause: ApnsError;
}

/** The result of sending one notification to one device token. */
export type Outcome = Accepted | Rejected | Unsent | Unconfirmed;

/** The kinds of outcome, in the order in which reports list them. */
export const outcomeKinds: readonly Outcome["kind"][] = ["accepted", "rejected", "unsent", "unconfirmed"];

/** The outcome of an HTTP/2 refusal, with the reason table's rules filled in. */
export function rejectedByHttp(
  base: OutcomeBase,
  answer: {
    readonly reason: string;
    readonly httpStatus: number;
    readonly unregisteredAt?: Date | undefined;
    readonly retryAfterMs?: number | undefined;
    readonly detail?: string | undefined;
  },
): Rejected {
  const row = reasonRow(answer.reason, answer.httpStatus);
  return {
    kind: "rejected",
    deviceToken: base.deviceToken,
    apnsId: base.apnsId,
    attempts: base.attempts,
    reason: row.reason,
    httpStatus: answer.httpStatus,
    retryable: isRetryable(row.retry),
    dropToken: row.dropToken,
    ...(answer.unregisteredAt === undefined ? {} : { unregisteredAt: answer.unregisteredAt }),
    ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
    ...(answer.detail === undefined ? {} : { detail: answer.detail }),
  };
}

/** The outcome of a legacy error response that names this notification as refused. */
export function rejectedByStatus(base: OutcomeBase, statusCode: number): Rejected {
  const row = legacyStatusRow(statusCode);
  return {
    kind: "rejected",
    deviceToken: base.deviceToken,
    apnsId: base.apnsId,
    attempts: base.attempts,
    reason: row.reason,
    statusCode,
    retryable: isRetryable(row.retry),
    dropToken: row.dropToken,
  };
}
