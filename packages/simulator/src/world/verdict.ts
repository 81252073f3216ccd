// The verdict about one notification, on either wire. The servers write it in the form of their wire.
import { type KnownReason, type Reason, reasonRow, type Wire } from "@apns/core";

/** The parts of a notification that the verdict depends on. Its form was checked by the server. */
export interface Push {
  readonly wire: Wire;
  /** Legacy wire: 0, 1 or 2. */
  readonly command?: number;
  /** Hexadecimal text; anything at all over HTTP/2. */
  readonly deviceToken: string;
  readonly topic: string;
  /** `undefined` if the sender named none, as over the legacy wire. */
  readonly pushType: string | undefined;
  readonly payloadBytes: number;
  /** The payload as text. Decoded when asked for: the faithful verdict never does. */
  readonly payload: string;
  readonly priority: number | undefined;
  /** UNIX seconds. */
  readonly expiration: number | undefined;
}

export interface AcceptedVerdict {
  readonly kind: "accepted";
  /** Accepted although the app is gone since then: on the legacy wire, only the feedback service says so. */
  readonly unregisteredAt?: number;
}

export interface RejectedVerdict {
  readonly kind: "rejected";
  readonly reason: Reason;
  /** Over HTTP/2. */
  readonly httpStatus: number;
  /** Over the legacy wire. */
  readonly statusCode: number;
  /** With `Unregistered`: since when, in milliseconds. */
  readonly unregisteredAt?: number;
  /** Seconds to be sent as `retry-after`. No sighting of that header from Apple is known. */
  readonly retryAfter?: number;
}

export type Verdict = AcceptedVerdict | RejectedVerdict;

/** Decides about a notification. `faithful()` is the verdict without this function. */
export type VerdictFunction = (push: Push, faithful: () => Verdict) => Verdict;

export const accepted: AcceptedVerdict = Object.freeze({ kind: "accepted" });

/** A rejection with the statuses of core's reason table; 255, "unknown", where the legacy wire has no word for it. */
export function rejected(
  reason: Reason,
  more: { readonly statusCode?: number; readonly unregisteredAt?: number; readonly httpStatus?: number } = {},
): RejectedVerdict {
  const row = reasonRow(reason, more.httpStatus);
  return Object.freeze({
    kind: "rejected",
    reason,
    httpStatus: more.httpStatus ?? row.httpStatus,
    statusCode: more.statusCode ?? row.statusCode ?? 255,
    ...(more.unregisteredAt === undefined ? {} : { unregisteredAt: more.unregisteredAt }),
  });
}

const made = new Map<Reason, RejectedVerdict>();

/** The rejection for a reason of the table, made once. */
export function rejection(reason: KnownReason): RejectedVerdict {
  let verdict = made.get(reason);
  if (verdict === undefined) {
    verdict = rejected(reason);
    made.set(reason, verdict);
  }
  return verdict;
}
