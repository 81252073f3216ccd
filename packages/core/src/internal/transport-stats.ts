import type { TransportStats } from "../transport.js";

/** The figures of a transport without connections of its own. */
export function waitingOnly(inFlight: number, queued: number): TransportStats {
  return { connectionsOpened: 0, connectionsOpen: 0, inFlight, queued, resent: 0, bytesWritten: 0, bytesRead: 0 };
}

export function addStats(all: readonly TransportStats[]): TransportStats {
  return all.reduce(
    (sum, stats) => ({
      connectionsOpened: sum.connectionsOpened + stats.connectionsOpened,
      connectionsOpen: sum.connectionsOpen + stats.connectionsOpen,
      inFlight: sum.inFlight + stats.inFlight,
      queued: sum.queued + stats.queued,
      resent: sum.resent + stats.resent,
      bytesWritten: sum.bytesWritten + stats.bytesWritten,
      bytesRead: sum.bytesRead + stats.bytesRead,
    }),
    waitingOnly(0, 0),
  );
}
