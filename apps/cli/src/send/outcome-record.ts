import type { Outcome } from "@apns/core";
import { withoutSecrets } from "@apns/core/internal";
import type { BadLine } from "./targets/target.js";

/** The outcome of one line of the list: a line of the outcome file. */
export type OutcomeRecord = {
  /** First, so that a line cut off by a crash still tells whom it was about. */
  readonly line: number;
  readonly kind: Outcome["kind"] | "invalid";
  readonly deviceToken?: string;
} & Readonly<Record<string, string | number | boolean | undefined>>;

export function outcomeRecord(line: number, outcome: Outcome): OutcomeRecord {
  const { kind, deviceToken, attempts, apnsId } = outcome;
  const common = { line, kind, deviceToken, attempts, ...(apnsId === undefined ? {} : { apnsId }) };
  switch (kind) {
    case "accepted":
      return outcome.apnsUniqueId === undefined ? common : { ...common, apnsUniqueId: outcome.apnsUniqueId };
    case "rejected": {
      const { reason, httpStatus, statusCode, unregisteredAt, retryAfterMs, detail, retryable, dropToken } = outcome;
      return defined({
        ...common,
        // The peer's words, which may be what it was sent.
        reason: withoutSecrets(reason),
        httpStatus,
        statusCode,
        retryable,
        dropToken,
        unregisteredAt: unregisteredAt?.toISOString(),
        retryAfterMs,
        detail: detail === undefined ? undefined : withoutSecrets(detail),
      });
    }
    case "unsent":
    case "unconfirmed":
      return { ...common, code: outcome.cause.code, message: withoutSecrets(outcome.cause.message) };
  }
}

/** A line that could not be sent, because of what stands in it. */
export function invalidRecord({ line, problem }: BadLine, deviceToken?: string): OutcomeRecord {
  return {
    line,
    kind: "invalid",
    ...(deviceToken === undefined ? {} : { deviceToken }),
    message: withoutSecrets(problem),
  };
}

function defined(record: OutcomeRecord): OutcomeRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as OutcomeRecord;
}
