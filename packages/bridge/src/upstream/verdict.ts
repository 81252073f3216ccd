/** The answer to a legacy sender about one decided notification. `accepted` is silence: the legacy protocol has no other yes. */
export type Verdict =
  | { readonly kind: "accepted" }
  /** An error response with this status code and the notification's identifier, then the end of the connection. */
  | { readonly kind: "refused"; readonly statusCode: number }
  /** Status code 10 with the identifier of the last notification accepted: this one and all after it are to be resent. */
  | { readonly kind: "shutdown" }
  /** The end of the connection without a byte. */
  | { readonly kind: "closed" };

export const acceptedVerdict: Verdict = Object.freeze({ kind: "accepted" });
export const shutdownVerdict: Verdict = Object.freeze({ kind: "shutdown" });
export const closedVerdict: Verdict = Object.freeze({ kind: "closed" });

export function refusedVerdict(statusCode: number): Verdict {
  return { kind: "refused", statusCode };
}
