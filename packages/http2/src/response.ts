import { type Clock, type Outcome, rejectedByHttp } from "@apns/core";
import { cutText, maxTimerDelayMs } from "@apns/core/internal";
import type { HeaderFields } from "@apns/h2";
import { parseHttpDate } from "./http-date.js";

/** In characters. Apple's longest reason has 36, an id 36; longer ones are not Apple's, and would be kept by whoever counts reasons. */
const maxReasonLength = 100;
const maxIdLength = 100;

export interface SendFacts {
  readonly deviceToken: string;
  readonly apnsId: string | undefined;
  readonly attempts: number;
  explain(reason: string, serverDate: Date | undefined): string | undefined;
}

/** The outcome that an answer of APNs stands for. */
export function outcomeOf(
  httpStatus: number,
  headers: HeaderFields,
  body: Uint8Array,
  send: SendFacts,
  clock: Clock,
): Outcome {
  const { deviceToken, apnsId, attempts } = send;
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
      detail: send.explain(reason, dateOf(headers, clock)),
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

/**
 * `retry-after` in milliseconds: whole seconds or an HTTP date (RFC 9110, 10.2.3); undefined if it is neither. At most the
 * longest delay of a timer, 24.8 days.
 */
export function parseRetryAfter(value: string, clock: Clock): number | undefined {
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(maxTimerDelayMs, Number(text) * 1000);
  const now = clock.now();
  const at = parseHttpDate(text, now);
  return at === undefined ? undefined : Math.min(maxTimerDelayMs, Math.max(0, at.getTime() - now));
}

/** The `date` of an answer; undefined if it has none, or another text. */
export function dateOf(headers: HeaderFields, clock: Clock): Date | undefined {
  const value = headers.get("date");
  return value === undefined ? undefined : parseHttpDate(value.trim(), clock.now());
}
