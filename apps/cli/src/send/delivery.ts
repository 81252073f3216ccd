import type { Expiration, Priority } from "@apns/core";
import { show } from "@apns/core/internal";
import { UsageError } from "../errors.js";

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * How long APNs keeps trying: `once`, `default`, a time from now such as `90s`, `15m`, `8h` or `30d`, or an ISO date.
 * @throws {UsageError}
 */
export function parseExpiration(text: string, now: number = Date.now()): Expiration {
  if (text === "once" || text === "default") return text;
  const duration = /^(\d+)([smhd])$/.exec(text);
  const at = duration === null ? Date.parse(text) : now + Number(duration[1]) * unitsMs[duration[2]!]!;
  if (!Number.isNaN(at)) return new Date(at);
  throw new UsageError(
    `--expiration takes once, default, a time from now such as 8h, or an ISO date; not ${show(text)}`,
  );
}

/** @throws {UsageError} */
export function parsePriority(text: string): Priority {
  if (text === "1" || text === "5" || text === "10") return Number(text) as Priority;
  throw new UsageError(`--priority takes 10 (at once), 5 (considerate of the battery) or 1 (least), not ${show(text)}`);
}
