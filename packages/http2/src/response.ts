import { type Clock, type Outcome, rejectedByHttp } from "@apns/core";
import { cutText } from "@apns/core/internal";
import type { HeaderFields } from "@apns/h2";

/** In characters. Apple's longest reason has 36, an id 36; longer ones are not Apple's, and would be kept by whoever counts reasons. */
const maxReasonLength = 100;
const maxIdLength = 100;

export interface SendFacts {
  readonly deviceToken: string;
  readonly apnsId: string | undefined;
  readonly attempts: number;
}

/** The outcome that an answer of APNs stands for. */
export function outcomeOf(
  httpStatus: number,
  headers: HeaderFields,
  body: Uint8Array,
  { deviceToken, apnsId, attempts }: SendFacts,
  clock: Clock,
  diagnose: (reason: string, serverDate: Date | undefined) => string | undefined,
): Outcome {
  // APNs returns the caller's own id unchanged.
  const id = apnsId ?? cutId(headers.get("apns-id"));
  if (httpStatus === 200) {
    const apnsUniqueId = cutId(headers.get("apns-unique-id"));
    if (apnsUniqueId === undefined) return { kind: "accepted", deviceToken, apnsId: id, attempts };
    return { kind: "accepted", deviceToken, apnsId: id, attempts, apnsUniqueId };
  }
  const { reason = fallbackReason(httpStatus), timestamp } = parseBody(body);
  const retryAfter = headers.get("retry-after");
  return rejectedByHttp(
    { deviceToken, apnsId: id, attempts },
    {
      reason,
      httpStatus,
      unregisteredAt: timestamp === undefined ? undefined : new Date(timestamp),
      retryAfterMs: retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, clock),
      detail: diagnose(reason, parseDate(headers.get("date"))),
    },
  );
}

function cutId(id: string | undefined): string | undefined {
  return id === undefined ? undefined : cutText(id, maxIdLength);
}

/** The reason of an answer without APNs' JSON, as a proxy or an overloaded front end gives it. */
export function fallbackReason(httpStatus: number): string {
  return `HttpStatus${httpStatus}`;
}

/** The `reason` and `timestamp` of an error body or of a GOAWAY's debug data; fields that are missing or malformed are undefined. */
export function parseBody(body: Uint8Array): { reason: string | undefined; timestamp: number | undefined } {
  const { reason, timestamp } = parseObject(body) ?? {};
  return {
    reason: typeof reason === "string" && reason !== "" ? cutText(reason, maxReasonLength) : undefined,
    timestamp: typeof timestamp === "number" && Math.abs(timestamp) <= 8.64e15 ? timestamp : undefined,
  };
}

/** A JSON object, or undefined if it is anything else. */
export function parseObject(body: Uint8Array): Record<string, unknown> | undefined {
  if (body.length === 0) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString("utf8"));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** `retry-after` in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3); undefined if it is neither. */
export function parseRetryAfter(value: string, clock: Clock): number | undefined {
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = parseDate(value);
  return at === undefined ? undefined : Math.max(0, at.getTime() - clock.now());
}

export function parseDate(value: string | undefined): Date | undefined {
  const at = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(at) ? undefined : new Date(at);
}
