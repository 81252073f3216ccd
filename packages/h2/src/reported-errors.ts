import { Http2Error } from "./errors.js";

/**
 * The errors that a handler was given. An exception that is one of them was thrown by the handler, on purpose: it is no
 * fault of the peer that the connection has just found.
 */
const reported: WeakSet<Http2Error> = new WeakSet();

export function markReported(error: Http2Error): void {
  reported.add(error);
}

/** Whether an exception is a fault of the peer with this scope, thrown by the code of the connection. */
export function isFault(error: unknown, scope: "stream" | "connection"): error is Http2Error {
  return error instanceof Http2Error && error.scope === scope && !reported.has(error);
}
