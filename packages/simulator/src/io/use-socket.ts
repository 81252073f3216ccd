import type { Socket } from "node:net";
import { contain } from "@apns/net";

/**
 * Uses a peer's socket so that an error ends that connection only, and is a warning of the process. That covers the
 * listeners of the socket, and functions of the caller's (a verdict, `onReceived`).
 * @returns runs a callback of a write in the same way
 */
export function useSocket<Kind extends Socket>(socket: Kind, use: (socket: Kind) => void): (task: () => void) => void {
  return contain(socket, use, (error) => {
    socket.destroy();
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    process.emitWarning(`A connection to the simulator was ended by an error: ${message}`, {
      code: "APNS_SIMULATOR_CONNECTION",
      ...(stack === undefined ? {} : { detail: stack }),
    });
  });
}
