import type { TransportStats } from "@apns/core";

/** Of a transport that sends nothing. */
export const idleStats: TransportStats = {
  connectionsOpened: 0,
  connectionsOpen: 0,
  inFlight: 0,
  queued: 0,
  resent: 0,
  bytesWritten: 0,
  bytesRead: 0,
};
