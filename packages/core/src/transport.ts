import type { ConnectionListener } from "./connection-event.js";
import type { Notification } from "./notification.js";
import type { Outcome } from "./outcome.js";
import type { Wire } from "./push-type.js";

export interface SendOptions {
  /**
   * The id of this one notification at APNs: a UUID of lower-case hexadecimal digits, 8-4-4-4-12.
   * HTTP/2 only. @default APNs makes one
   */
  readonly apnsId?: string;
  /**
   * The time this notification may take in all, queue and resends included, in milliseconds.
   * @default the transport's own
   */
  readonly timeoutMs?: number;
  /** Ends the send when it fires: with `unsent` if the notification was not written yet, else with `unconfirmed`. */
  readonly signal?: AbortSignal;
}

export interface CloseOptions {
  /**
   * The time in which notifications in flight may settle, in milliseconds. The rest then settles as `unsent` (not written) or
   * `unconfirmed` (written). Closing again can shorten the time, not prolong it.
   * @default 10_000
   */
  readonly timeoutMs?: number;
}

/** Counters and gauges of a transport. Counters only grow. */
export interface TransportStats {
  readonly connectionsOpened: number;
  readonly connectionsOpen: number;
  /** Sends not settled yet, queued ones included. */
  readonly inFlight: number;
  /** The part of `inFlight` that is not written yet. */
  readonly queued: number;
  /** Repeated writes of notifications that were certainly not processed before. */
  readonly resent: number;
  /** Bytes before TLS. */
  readonly bytesWritten: number;
  /** Bytes after TLS. */
  readonly bytesRead: number;
}

/** Sends notifications to APNs, over any protocol. */
export interface Transport {
  readonly protocol: Wire | (string & {});

  /**
   * The number of unsettled sends at which this transport is fully used; `sendAll` keeps that many in flight.
   * @default 1000
   */
  readonly concurrency?: number | undefined;

  /**
   * Sends one notification to one device. The promise always settles.
   *
   * It resolves with the final outcome. Refusals by APNs, lost connections and passed deadlines are outcomes; they do not
   * reject the promise.
   * @throws {ApnsError} for misuse only: a malformed device token or option, a notification this wire cannot carry, a
   * closed transport. Nothing was sent then.
   */
  send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome>;

  /**
   * Asks the server for verdicts on all notifications sent so far, and resolves once they are settled. Absent on wires that
   * answer each notification.
   */
  flush?(): Promise<void>;

  /**
   * Calls the listener for every connection that is opened, drained, lost or closed from now on.
   * @returns a function that removes the listener
   */
  watchConnections?(listener: ConnectionListener): () => void;

  /** Figures since the transport was made. A wrapper returns the sum of those it wraps, plus the sends that wait in it. */
  stats(): TransportStats;

  /** Drains: lets the sends in flight settle, then closes the connections. Later sends are refused. */
  close(options?: CloseOptions): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}
