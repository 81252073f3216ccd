import { InvalidArgumentError } from "./errors.js";

/**
 * How long APNs stores the notification for delivery. `"default"` sends no `apns-expiration` (APNs then stores for up to 30 days), `"once"`
 * sends 0 (one attempt, no storage), a `Date` stores until then.
 *
 * Not a number, because an absent header and 0 mean opposite things to APNs.
 */
export type Expiration = "default" | "once" | Date;

/** The largest instant the legacy wire can carry in its unsigned 32 bits, in UNIX seconds. */
const maxSeconds = 0xffff_ffff;

/** UNIX seconds for the wire; `undefined` for `"default"`, 0 for `"once"`. */
export function expirationSeconds(expiration: Expiration | undefined): number | undefined {
  if (expiration === undefined || expiration === "default") return undefined;
  if (expiration === "once") return 0;
  if (!(expiration instanceof Date)) {
    throw new InvalidArgumentError("expiration", `${String(expiration)} is not "default", "once" or a Date.`);
  }
  const seconds = Math.floor(expiration.getTime() / 1000);
  if (seconds >= 1 && seconds <= maxSeconds) return seconds;
  throw new InvalidArgumentError(
    "expiration",
    Number.isNaN(seconds)
      ? "the Date is invalid."
      : `${expiration.toISOString()} is outside 1970 to 2106, what APNs can take.`,
  );
}
