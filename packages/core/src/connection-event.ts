// Events about connections, for operators. Senders need only outcomes.
import type { ApnsError } from "./errors.js";

interface ConnectionEventBase {
  /** Number of the attempt to connect, from 1, within a transport. */
  readonly connection: number;
  /** The server, as `host:port`. */
  readonly endpoint: string;
}

/**
 * A change of a connection's state:
 * - `opened`: notifications can be sent on it;
 * - `failed`: connecting failed; `cause` says at which step (DNS, TCP, TLS, …);
 * - `draining`: no new notifications are sent on it, those in flight settle; `cause` says why, and `reason` is APNs' from a
 *   GOAWAY;
 * - `closed`: it has ended; `cause` says why, if that was not planned.
 */
export type ConnectionEvent = ConnectionEventBase &
  (
    | { readonly type: "opened" }
    | { readonly type: "failed"; readonly cause: ApnsError }
    | { readonly type: "draining"; readonly cause?: ApnsError; readonly reason?: string }
    | { readonly type: "closed"; readonly cause?: ApnsError }
  );

export type ConnectionListener = (event: ConnectionEvent) => void;
