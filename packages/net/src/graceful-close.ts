import type { Socket } from "node:net";

/** How long the peer usually has to close its side, in milliseconds. */
const usualLingerMs = 5_000;

/** Calls back after so many milliseconds; returns what cancels it. */
export type ScheduleTimer = (delayMs: number, callback: () => void) => () => void;

const scheduleTimer: ScheduleTimer = (delayMs, callback) => {
  // The socket itself keeps the process alive until then, if anybody wants that.
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
 * Ends our side of a socket, goes on reading (to throw away) until the peer ends its own, and destroys the socket then.
 *
 * Destroying it at once would leave unread bytes in the kernel, which then resets the connection; with the reset the peer loses
 * what it has not read yet, such as an error response. `data` listeners stay: remove them if nothing may be heard any more.
 */
export function closeGracefully(socket: Socket, options: GracefulCloseOptions = {}): void {
  if (socket.destroyed) return;
  const { lingerMs = usualLingerMs, schedule = scheduleTimer } = options;
  socket.resume();
  socket.end();
  const cancel = schedule(lingerMs, () => socket.destroy());
  socket.once("close", cancel);
  // A server's socket with allowHalfOpen is closed by nobody else.
  if (socket.readableEnded) socket.destroySoon();
  else socket.once("end", () => socket.destroySoon());
}
