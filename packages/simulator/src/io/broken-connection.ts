import type { Socket } from "node:net";
import type { ConnectionFault } from "../faults/fault.js";
import { endGracefully } from "./end-connection.js";
import type { Timers } from "./timers.js";

/** `certificate_unknown`: legacy senders got it for a certificate that Apple did not accept. */
const certificateUnknown = 46;

/** Faults of a connection on which no handshake is completed. */
export type BreakingFault = Extract<ConnectionFault, { readonly type: "stallTls" | "tlsAlert" | "dropConnection" }>;

/** Has a TCP connection that was accepted fail as the fault says. */
export function breakConnection(tcp: Socket, fault: BreakingFault, timers: Timers): void {
  if (fault.type === "dropConnection") {
    if (fault.how === "rst") tcp.resetAndDestroy();
    else endGracefully(tcp, timers);
  } else if (fault.type === "tlsAlert") {
    const { alert = certificateUnknown } = fault;
    tcp.once("data", () => {
      // A record of type alert (RFC 5246, section 7.2), not encrypted since no keys are agreed on yet: level fatal, then the alert.
      tcp.write(Buffer.from([21, 3, 3, 0, 2, 2, alert]));
      endGracefully(tcp, timers);
    });
  }
}
