import { InvalidArgumentError, PayloadTooLargeError } from "../errors.js";
import type { Notification } from "../notification.js";
import { checkCollapseId } from "../notification-parts.js";
import { maxPayloadBytes } from "../push-type.js";
import { checkHeaderText, checkInteger } from "./check.js";

/** The header fields of a notification as another library describes it; what is undefined is not sent. */
export interface VerbatimFields {
  readonly pushType?: unknown;
  readonly topic?: unknown;
  readonly priority?: unknown;
  /** UNIX seconds. */
  readonly expiration?: unknown;
  readonly collapseId?: unknown;
}

/** Of broadcasts. */
const maxBroadcastBytes = 5120;
const encoder = new TextEncoder();

/**
 * A notification that is sent as it is: no suffix is added to the topic, and no default to anything. For packages with the API of
 * another library, whose users have said all of it themselves; APNs judges.
 * @throws {InvalidArgumentError} for what no header can carry, and for a payload that is too large
 */
export function verbatimNotification(fields: VerbatimFields, payload: string, kind?: "broadcast"): Notification {
  const { topic, collapseId } = fields;
  const pushType = fields.pushType === undefined ? undefined : checkHeaderText("pushType", fields.pushType);
  const encodedPayload = encoder.encode(payload);
  if (encodedPayload.length === 0)
    throw new InvalidArgumentError("payload", "is empty; APNs would answer PayloadEmpty.");
  const limitBytes = kind === "broadcast" ? maxBroadcastBytes : maxPayloadBytes(pushType ?? "alert", "http2");
  if (encodedPayload.length > limitBytes) {
    throw new PayloadTooLargeError(encodedPayload.length, limitBytes, kind ?? `push type ${pushType ?? "alert"}`);
  }
  const notification = {
    pushType,
    topic: topic === undefined ? undefined : checkHeaderText("topic", topic),
    priority: wholeNumber("priority", fields.priority),
    expiration: wholeNumber("expiration", fields.expiration),
    collapseId: collapseId === undefined ? undefined : checkCollapseId(collapseId),
    encodedPayload,
    truncated: [],
  };
  // A notification of core's own has a push type; transports leave out the header if there is none.
  return notification as unknown as Notification;
}

function wholeNumber(field: string, value: unknown): number | undefined {
  return value === undefined ? undefined : checkInteger(field, value, 0);
}
