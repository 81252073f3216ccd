import type { Socket } from "node:net";
import { closeGracefully } from "@apns/net";
import type { CutHow } from "../faults/fault.js";
import type { Timers } from "./timers.js";
import type { SecureConnection } from "./tls-acceptor.js";

/** How long a peer has to close its side once ours is closed. */
const lingerMs = 1000;

/** Ends our side of a connection, and the connection once the peer has ended its own, or after a second. */
export function endGracefully(socket: Socket, timers: Timers): void {
  closeGracefully(socket, { lingerMs, schedule: timers.after });
}

/**
 * Ends the TCP stream below TLS without close_notify, and the whole connection a second later: a peer that does not end
 * its side would keep it half open for ever. TLS reads the socket, so its end is not seen here.
 */
function endTcp(tcp: Socket, timers: Timers): void {
  if (tcp.destroyed) return;
  tcp.end();
  const cancel = timers.after(lingerMs, () => tcp.destroy());
  tcp.once("close", cancel);
}

/** Ends a connection in the order of TLS, in that of TCP, or by a reset. */
export function cut({ socket, tcp }: Pick<SecureConnection, "socket" | "tcp">, how: CutHow, timers: Timers): void {
  if (how === "rst") tcp.resetAndDestroy();
  else if (how === "fin") endTcp(tcp, timers);
  else endGracefully(socket, timers);
}
