import type { Socket } from "node:net";
import { cutText, printable } from "@apns/core/internal";
import { contain } from "@apns/net";

const maxMessageLength = 500;
const maxStackLength = 5000;

/**
 * Uses a peer's socket so that an error ends that connection only, and is a warning of the process. That covers the
 * listeners of the socket, and functions of the caller's (a verdict, `onReceived`).
 * @returns runs a callback of a write in the same way
 */
export function useSocket<Kind extends Socket>(socket: Kind, use: (socket: Kind) => void): (task: () => void) => void {
  return contain(socket, use, (error) => {
    socket.destroy();
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    // A verdict function may put text of the sender into its error, which a stack begins with.
    const told = printable(cutText(message, maxMessageLength));
    const frames = stack.replace(message, () => told).split("\n");
    process.emitWarning(`A connection to the simulator was ended by an error: ${told}`, {
      code: "APNS_SIMULATOR_CONNECTION",
      detail: cutText(frames.map(printable).join("\n"), maxStackLength),
    });
  });
}
