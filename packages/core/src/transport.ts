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
   * How long this notification may take in all, queue and resends included, in milliseconds.
   * @default the transport's own
   */
  readonly timeoutMs?: number;
  /** Gives up on this notification: `unsent` if it was not written yet, else `unconfirmed`. */
  readonly signal?: AbortSignal;
}

export interface CloseOptions {
  /**
   * How long notifications in flight may take to settle, in milliseconds; what is left then is settled as `unsent` or
   * `unconfirmed`, whichever is true.
   * @default 10_000
   */
  readonly timeoutMs?: number;
}

/** Figures every transport keeps about itself. Counters only grow. */
export interface TransportStats {
  readonly connectionsOpened: number;
  readonly connectionsOpen: number;
  /** Sends not settled yet, queued ones included. */
  readonly inFlight: number;
  /** Of those, the ones not written yet. */
  readonly queued: number;
  /** Notifications written a second time, or oftener, because they were certainly not processed before. */
  readonly resent: number;
  /** Bytes before TLS. */
  readonly bytesWritten: number;
  /** Bytes after TLS. */
  readonly bytesRead: number;
}

/** A way to APNs, whatever the protocol. */
export interface Transport {
  readonly protocol: Wire | (string & {});

  /**
   * How many sends this transport can usefully have unsettled at a time; `sendAll` keeps that many under way.
   * @default 1000
   */
  readonly concurrency?: number | undefined;

  /**
   * Sends one notification to one device. The promise always settles.
   *
   * It resolves with what is known once that is final. Refusals, lost connections and deadlines are outcomes, not
   * rejections.
   * @throws {ApnsError} for misuse only: a malformed device token or option, a notification this wire cannot carry, a
   * closed transport. Nothing was sent then.
   */
  send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome>;

  /**
   * Asks for verdicts on everything sent so far and resolves once all of it is settled. Wires that answer each
   * notification need nothing for that.
   */
  flush?(): Promise<void>;

  /**
   * Tells of every connection that is opened, drained, lost or closed from now on.
   * @returns takes the listener off again
   */
  watchConnections?(listener: ConnectionListener): () => void;

  /** Figures since the transport was made. One that wraps others adds theirs up, and its own waiting sends to them. */
  stats(): TransportStats;

  /** Lets what is in flight settle, then ends the connections. Later sends are refused. */
  close(options?: CloseOptions): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}
