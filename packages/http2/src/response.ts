import { type Clock, type Outcome, rejectedByHttp } from "@apns/core";

/** An answer as it came off the wire. */
export interface Answer {
  readonly httpStatus: number;
  readonly apnsId: string | undefined;
  readonly apnsUniqueId: string | undefined;
  readonly retryAfter: string | undefined;
  /** The body's first bytes; empty on success. */
  readonly body: string;
}

interface SendFacts {
  readonly deviceToken: string;
  readonly apnsId: string | undefined;
  readonly attempts: number;
}

/** What APNs' answer means for this notification. */
export function outcomeOf(answer: Answer, send: SendFacts, clock: Clock): Outcome {
  const base = { deviceToken: send.deviceToken, apnsId: answer.apnsId ?? send.apnsId, attempts: send.attempts };
  if (answer.httpStatus === 200) {
    return answer.apnsUniqueId === undefined
      ? { kind: "accepted", ...base }
      : { kind: "accepted", ...base, apnsUniqueId: answer.apnsUniqueId };
  }
  const { reason, timestamp } = parseBody(answer.body);
  return rejectedByHttp(base, {
    // A proxy or an overloaded front may answer without APNs' JSON: the status is what is known then.
    reason: reason ?? `HttpStatus${answer.httpStatus}`,
    httpStatus: answer.httpStatus,
    unregisteredAt: timestamp === undefined ? undefined : new Date(timestamp),
    retryAfterMs: answer.retryAfter === undefined ? undefined : parseRetryAfter(answer.retryAfter, clock),
  });
}

/** The `reason` and `timestamp` of an error body or of a GOAWAY's debug data; whatever is not there is undefined. */
export function parseBody(body: string): { reason: string | undefined; timestamp: number | undefined } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  const { reason, timestamp } = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Record<
    string,
    unknown
  >;
  return {
    reason: typeof reason === "string" && reason !== "" ? reason : undefined,
    timestamp: typeof timestamp === "number" && Math.abs(timestamp) <= 8.64e15 ? timestamp : undefined,
  };
}

/** `retry-after` in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3); undefined if it is neither. */
function parseRetryAfter(value: string, clock: Clock): number | undefined {
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - clock.now());
}
