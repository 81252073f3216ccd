import type { Socket } from "node:net";
import { contain } from "@apns/net";

/**
 * Around all that is done with a peer's socket, by listeners as well. An error, of the simulator's or of a function that it
 * was given (a verdict, `onReceived`), ends that connection and is told as a warning of the process; it neither ends the
 * process nor another connection.
 * @returns runs callbacks of writes in the same way
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
