import type { Socket } from "node:net";
import type { Timers } from "./timers.js";

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
