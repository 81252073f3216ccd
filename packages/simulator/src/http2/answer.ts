import type { Verdict } from "../world/verdict.js";

/** What goes back for one request. */
export interface Answer {
  readonly headers: Readonly<Record<string, string | number>>;
  /** `undefined` for none: the headers end the stream. */
  readonly body: string | undefined;
}

/**
 * A verdict in the words of the provider API: success has no body; errors are compact JSON without a content type
 * (observed 2026); the instant of a 410 is in milliseconds.
 */
export function answer(verdict: Verdict, apnsId: string, apnsUniqueId: string | undefined): Answer {
  if (verdict.kind === "accepted") {
    const headers = { ":status": 200, "apns-id": apnsId };
    return {
      headers: apnsUniqueId === undefined ? headers : { ...headers, "apns-unique-id": apnsUniqueId },
      body: undefined,
    };
  }
  const { httpStatus, reason, unregisteredAt: timestamp, retryAfter } = verdict;
  const headers = { ":status": httpStatus, "apns-id": apnsId };
  return {
    headers: retryAfter === undefined ? headers : { ...headers, "retry-after": retryAfter },
    body: JSON.stringify(timestamp === undefined ? { reason } : { reason, timestamp }),
  };
}

const hex32 = (random: () => number): string =>
  Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");

/** An id as Apple makes them: the form of a UUID, but no version or variant in it. */
export function makeId(random: () => number): string {
  const digits = hex32(random) + hex32(random) + hex32(random) + hex32(random);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}
