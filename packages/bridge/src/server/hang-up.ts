import type { Socket } from "node:net";

/** How long a peer may usually go on after the goodbye. */
const usualPatienceMs = 5_000;

/**
 * Ends our side and goes on reading, and throwing away, until the peer ends its own. Closing at once would leave its bytes
 * unread in the kernel, which then resets the connection, and with it what the peer has not read yet.
 * @param patienceMs how long the peer may take, in milliseconds
 */
export function hangUp(socket: Socket, patienceMs: number = usualPatienceMs): void {
  if (socket.destroyed) return;
  socket.removeAllListeners("data");
  socket.resume();
  socket.end();
  const timer = setTimeout(() => socket.destroy(), patienceMs);
  socket.once("close", () => clearTimeout(timer));
  // With allowHalfOpen nobody else would.
  if (socket.readableEnded) socket.destroySoon();
  else socket.once("end", () => socket.destroySoon());
}
