// What transports tell of their connections: to operators, not to those who wait for outcomes.
import type { ApnsError } from "./errors.js";

interface ConnectionEventBase {
  /** Counts up from 1 within a transport, one for each attempt. */
  readonly connection: number;
  /** Where to, as `host:port`. */
  readonly endpoint: string;
}

/**
 * Something happened to a connection:
 * - `opened`: notifications may go out on it;
 * - `failed`: it never was one; `cause` says at which step (DNS, TCP, TLS, …);
 * - `draining`: it takes no more notifications and settles those it has; `cause` says why, and `reason` what APNs said in
 *   a GOAWAY, if it did;
 * - `closed`: it is gone; `cause` says why if it did not end as planned.
 */
export type ConnectionEvent = ConnectionEventBase &
  (
    | { readonly type: "opened" }
    | { readonly type: "failed"; readonly cause: ApnsError }
    | { readonly type: "draining"; readonly cause?: ApnsError; readonly reason?: string }
    | { readonly type: "closed"; readonly cause?: ApnsError }
  );

export type ConnectionListener = (event: ConnectionEvent) => void;
