import type { Traffic } from "../inbound/connection.js";

/** One legacy sender at one address. The rows with the most frames are the senders to move to the modern wire next. */
export interface SenderReportRow extends Traffic {
  /** Its name, or `undefined` for a stranger that was turned away. */
  readonly sender: string | undefined;
  /** This, `servername`, `tlsVersion` and `cipher` are those of its last connection. */
  app: string | undefined;
  readonly address: string;
  readonly fingerprint: string | undefined;
  readonly subject: string | undefined;
  servername: string | undefined;
  tlsVersion: string;
  cipher: string;
  /** Since the report began. */
  readonly firstSeenAt: Date;
  /** When it connected last, or sent something last: connections live for weeks. */
  lastSeenAt: Date;
  connections: number;
  /** Connections held until the sender is listed; see `unlistedSenders`. */
  waiting: number;
  /** Connections to the feedback service. */
  feedbackReads: number;
}
