import type { ApnsError } from "@apns/core";

/** Why a connection takes no more requests. */
export interface Ending {
  /**
   * - `orderly`: what was open was answered or may still be, or was certainly not processed: GOAWAY without an error, a close
   *   while nothing was open, our own decision;
   * - `broken`: the socket, TLS or the protocol failed, or GOAWAY named an error;
   * - `refusing`: it answered nothing but refusals.
   */
  readonly kind: "orderly" | "broken" | "refusing";
  readonly cause: ApnsError;
  /** The reason that APNs gave in a GOAWAY. */
  readonly reason?: string | undefined;
}
