import type { ApnsError } from "@apns/core";
import type { FieldValues, HeaderFields, RequestTemplateOptions } from "@apns/h2";
import type { Connection } from "../connection/connection.js";
import type { OutgoingRequest } from "../connection/outgoing-request.js";

/**
 * `idle` → `queued` ⇄ `open` → `settled`, by way of `delayed` if a request is refused unprocessed again and again:
 * - `idle`: in the dispatcher's hands: new, or just taken from the queue;
 * - `queued`: waits for a stream;
 * - `delayed`: waits for its next attempt;
 * - `open`: on a stream of `connection`;
 * - `settled`: its outcome was told, once and for all.
 */
export type RequestState = "idle" | "queued" | "delayed" | "open" | "settled";

/** One request and its state, which only the dispatcher changes. */
export abstract class Request implements OutgoingRequest {
  /** When the caller asked for it; this and all times below are on the monotonic clock. */
  readonly submittedAt: number;
  /** Nothing is done for it after that. */
  readonly deadlineAt: number;
  /** Place in the order in which requests came. */
  sequence = 0;
  state: RequestState = "idle";
  /** When it is overdue in its present state. Never after `deadlineAt`. */
  dueAt: number;
  /** How often it was written to a connection. */
  attempts = 0;
  /** Where it is open, on which stream, and since when; undefined, 0 and meaningless otherwise. */
  connection: Connection<Request> | undefined = undefined;
  streamId = 0;
  openedAt = 0;
  /** What authorized its last attempt. */
  authorization: string | undefined = undefined;
  /** Whether a refused provider token was replaced for it once. */
  reauthorized = false;
  /** Stops watching the caller's signal. */
  unwatch: (() => void) | undefined = undefined;

  protected constructor(timeoutMs: number) {
    this.submittedAt = performance.now();
    this.deadlineAt = this.submittedAt + timeoutMs;
    this.dueAt = this.deadlineAt;
  }

  abstract get templateKey(): object;
  abstract describeHeaders(authorization: string | undefined): RequestTemplateOptions;
  abstract get headerValues(): FieldValues | undefined;
  abstract get path(): string;
  abstract get variable(): string | undefined;
  abstract get body(): Uint8Array;

  /** Whether the status and the headers of an answer say all that counts, so that its body may be missing. */
  isDecidedBy(_httpStatus: number): boolean {
    return true;
  }

  /** APNs answered; `headers` is valid during the call only. */
  abstract answered(httpStatus: number, headers: HeaderFields, body: Uint8Array): void;
  /** There will be no answer. `processed` is "no" if APNs certainly did nothing with it. */
  abstract failed(processed: "no" | "unknown", cause: ApnsError): void;

  /** A stream was opened for it. */
  opened(connection: Connection<Request>, streamId: number, authorization: string | undefined, now: number): void {
    this.state = "open";
    this.connection = connection;
    this.streamId = streamId;
    this.authorization = authorization;
    this.openedAt = now;
    this.attempts++;
  }

  /** Its stream has ended, and with it what it knows of a connection. @param written whether any of its octets left this process */
  returned(written: boolean): void {
    if (this.state === "settled") return;
    this.state = "idle";
    this.connection = undefined;
    if (!written) this.attempts--;
  }

  /** Its outcome is about to be told. */
  settle(): void {
    this.state = "settled";
    this.connection = undefined;
    if (this.unwatch !== undefined) this.unwatch();
  }
}
