// The status codes of the legacy wire's six-byte error response.
//
// Source: Apple's archived "Binary Provider API" (Local and Remote Notification Programming Guide, appendix A).
import { type Reason, type RetryRule, reasons } from "./reason.js";

export interface LegacyStatusRow {
  readonly statusCode: number;
  /** Apple's name for it. */
  readonly name: string;
  /** The HTTP/2 reason with the same meaning; for codes without one, Apple's name in the spelling of a reason. */
  readonly reason: Reason;
  readonly retry: RetryRule;
  /** False for every code: on the legacy wire only the feedback service reports dead device tokens. */
  readonly dropToken: boolean;
  /**
   * The notification that the identifier in the response names: the refused one, the last accepted one (code 10), or none
   * (code 0, where the response means no more than a close).
   */
  readonly names: "rejected" | "accepted" | "nothing";
  readonly meaning: string;
}

const refused = { names: "rejected", dropToken: false } as const;

const rows: readonly LegacyStatusRow[] = [
  {
    statusCode: 0,
    name: "No errors encountered",
    reason: "NoErrorsEncountered",
    retry: "later",
    dropToken: false,
    names: "nothing",
    meaning: "Never seen in practice, and undocumented: a close that proves nothing about any notification.",
  },
  {
    ...refused,
    statusCode: 1,
    name: "Processing error",
    reason: reasons.InternalServerError.reason,
    retry: "later",
    meaning: "The gateway failed inside; try again.",
  },
  {
    ...refused,
    statusCode: 2,
    name: "Missing device token",
    reason: reasons.MissingDeviceToken.reason,
    retry: "afterFix",
    meaning: "The frame held an empty device token.",
  },
  {
    ...refused,
    statusCode: 3,
    name: "Missing topic",
    reason: reasons.MissingTopic.reason,
    retry: "afterFix",
    meaning: "The certificate carries no usable topic.",
  },
  {
    ...refused,
    statusCode: 4,
    name: "Missing payload",
    reason: reasons.PayloadEmpty.reason,
    retry: "afterFix",
    meaning: "The frame held an empty payload.",
  },
  {
    ...refused,
    statusCode: 5,
    name: "Invalid token size",
    reason: reasons.BadDeviceToken.reason,
    retry: "never",
    meaning: "The device token has a length no device token has.",
  },
  {
    ...refused,
    statusCode: 6,
    name: "Invalid topic size",
    reason: reasons.BadTopic.reason,
    retry: "afterFix",
    meaning: "The certificate's topic is not valid.",
  },
  {
    ...refused,
    statusCode: 7,
    name: "Invalid payload size",
    reason: reasons.PayloadTooLarge.reason,
    retry: "never",
    meaning: "The payload is larger than the gateway takes.",
  },
  {
    ...refused,
    statusCode: 8,
    name: "Invalid token",
    reason: reasons.BadDeviceToken.reason,
    retry: "never",
    meaning: "The device token is not one of this environment and topic.",
  },
  {
    statusCode: 10,
    name: "Shutdown",
    reason: reasons.Shutdown.reason,
    retry: "newConnection",
    dropToken: false,
    names: "accepted",
    meaning: "The gateway closes for maintenance; everything after the named notification must be sent again.",
  },
  {
    ...refused,
    statusCode: 128,
    name: "Protocol error",
    reason: "ProtocolError",
    retry: "afterFix",
    meaning: "The gateway could not parse the frame.",
  },
  {
    ...refused,
    statusCode: 255,
    name: "None (unknown)",
    reason: "Unknown",
    retry: "later",
    meaning: "The gateway gives no reason.",
  },
];

/** The table, by status code. */
export const legacyStatuses: ReadonlyMap<number, LegacyStatusRow> = new Map(rows.map((row) => [row.statusCode, row]));

/** The row of a status code. An unassigned code gets the rules of 255 and a reason that contains its number. */
export function legacyStatusRow(statusCode: number): LegacyStatusRow {
  const known = legacyStatuses.get(statusCode);
  if (known !== undefined) return known;
  return {
    ...refused,
    statusCode,
    name: `Status ${statusCode}`,
    reason: `LegacyStatus${statusCode}`,
    retry: "later",
    meaning: "A status code Apple never documented.",
  };
}
