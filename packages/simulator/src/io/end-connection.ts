import type { Socket } from "node:net";
import type { CutHow } from "../faults/fault.js";
import type { Timers } from "./timers.js";
import type { SecureConnection } from "./tls-acceptor.js";

/** How long a peer may go on talking after it was told goodbye. */
const patienceMs = 1000;

/**
 * Ends our side and goes on reading, and throwing away, until the peer ends its own. Closing at once instead would leave
 * its bytes unread in the kernel, which then resets the connection and with it what the peer has not read yet.
 */
export function hangUp(socket: Socket, timers: Timers): void {
  if (socket.destroyed) return;
  socket.resume();
  socket.end();
  const callOff = timers.after(patienceMs, () => socket.destroy());
  socket.once("close", callOff);
}

/**
 * Ends the TCP stream below TLS, without TLS's own goodbye, and the whole connection a while later: a peer that does not
 * end its side would keep it half open for ever.
 */
function endTcp(tcp: Socket, timers: Timers): void {
  if (tcp.destroyed) return;
  tcp.end();
  const callOff = timers.after(patienceMs, () => tcp.destroy());
  tcp.once("close", callOff);
}

/** Ends a connection as told. */
export function cut({ socket, tcp }: Pick<SecureConnection, "socket" | "tcp">, how: CutHow, timers: Timers): void {
  if (how === "rst") tcp.resetAndDestroy();
  else if (how === "fin") endTcp(tcp, timers);
  else hangUp(socket, timers);
}
