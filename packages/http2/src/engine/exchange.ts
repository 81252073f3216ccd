import type { ApnsError } from "@apns/core";
import type { HeaderFields } from "@apns/h2";
import type { Connection } from "./connection.js";

/**
 * One request and what becomes of it. The engine moves it from the queue to a stream, back if it was certainly not
 * processed, and settles it exactly once.
 */
export abstract class Exchange {
  /** When the caller asked for it; this and all times below are on the monotonic clock. */
  readonly submittedAt: number;
  /** Nothing is done for it after that. */
  readonly deadlineAt: number;
  /** When it is overdue where it is now: in the queue, or on a stream. Never after `deadlineAt`. */
  dueAt: number;
  /** How often it was written to a connection. */
  attempts = 0;
  settled = false;
  /** Waits in the queue. */
  queued = false;
  /** Its place in the order in which exchanges came. */
  sequence = 0;
  /** When its last stream was opened. */
  openedAt = 0;
  /** The connection it is open on, its stream there, and its place in that connection's list. */
  connection: Connection | undefined = undefined;
  streamId = 0;
  slot = -1;
  /** What authorized its last attempt. */
  authorization: string | undefined = undefined;
  /** Whether a provider token called expired was replaced for it once. */
  reauthorized = false;
  /** Stops listening to the caller's signal. */
  detach: (() => void) | undefined = undefined;

  protected constructor(timeoutMs: number) {
    this.submittedAt = performance.now();
    this.deadlineAt = this.submittedAt + timeoutMs;
    this.dueAt = this.deadlineAt;
  }

  /** Whether the status and the headers of an answer say all that counts, so that its body may be missing. */
  isDecidedBy(_httpStatus: number): boolean {
    return true;
  }

  /** Queues the request on the connection; returns its stream, or 0 if there is no room. */
  abstract write(connection: Connection, authorization: string | undefined): number;
  /** APNs answered; `headers` is valid during the call only. */
  abstract answered(httpStatus: number, headers: HeaderFields, body: Uint8Array): void;
  /** There will be no answer. `processed` is "no" if APNs certainly did nothing with it. */
  abstract failed(processed: "no" | "unknown", cause: ApnsError): void;
}
