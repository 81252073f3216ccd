import type { Socket } from "node:net";

/** Resolves when a socket is gone, however it went: the other side may end it in any way. */
export function closed(socket: Socket): Promise<void> {
  socket.on("error", () => {});
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}
