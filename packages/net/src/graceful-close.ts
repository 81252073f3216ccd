import type { Socket } from "node:net";

/** How long the peer usually has to close its side, in milliseconds. */
const usualLingerMs = 5_000;

/** Calls back after so many milliseconds; returns a function that cancels the call. */
export type ScheduleTimer = (delayMs: number, callback: () => void) => () => void;

const scheduleTimer: ScheduleTimer = (delayMs, callback) => {
  // The socket itself keeps the process alive until then, unless it is unreferenced.
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
};

export interface GracefulCloseOptions {
  /** How long the peer has to close its side, in milliseconds; then the socket is destroyed. @default 5_000 */
  readonly lingerMs?: number;
  /** Instead of `setTimeout`, for owners that cancel all their timers together. */
  readonly schedule?: ScheduleTimer;
}

/**
 * Ends our side of a socket, discards what the peer still sends until it ends its own side, and destroys the socket then.
 *
 * Destroying it at once would leave unread bytes in the kernel, which then resets the connection; with the reset the peer loses
 * what it has not read yet, such as an error response. `data` listeners stay; remove them if they must not be called any more.
 */
export function closeGracefully(socket: Socket, options: GracefulCloseOptions = {}): void {
  if (socket.destroyed) return;
  const { lingerMs = usualLingerMs, schedule = scheduleTimer } = options;
  socket.resume();
  socket.end();
  const cancel = schedule(lingerMs, () => socket.destroy());
  socket.once("close", cancel);
  // Node does not close a server's socket with `allowHalfOpen`.
  if (socket.readableEnded) socket.destroySoon();
  else socket.once("end", () => socket.destroySoon());
}
