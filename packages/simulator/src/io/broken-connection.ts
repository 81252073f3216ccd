import type { Socket } from "node:net";
import type { ConnectionFault } from "../faults/fault.js";
import { hangUp } from "./hang-up.js";
import type { Timers } from "./timers.js";

/** Certificate unknown: what legacy senders got for a certificate that Apple did not like. */
const certificateUnknown = 46;

/** Faults of a connection that nobody will speak on. */
export type BreakingFault = Extract<ConnectionFault, { readonly type: "stallTls" | "tlsAlert" | "dropConnection" }>;

/** Does to a TCP connection that came in what a fault has in store for it. */
export function breakConnection(tcp: Socket, fault: BreakingFault, timers: Timers): void {
  if (fault.type === "dropConnection") {
    if (fault.how === "rst") tcp.resetAndDestroy();
    else hangUp(tcp, timers);
  } else if (fault.type === "tlsAlert") {
    const { alert = certificateUnknown } = fault;
    tcp.once("data", () => {
      // A record of alerts (RFC 5246, 7.2), in the plain as all is before keys are agreed on: fatal, and which.
      tcp.write(Buffer.from([21, 3, 3, 0, 2, 2, alert]));
      hangUp(tcp, timers);
    });
  }
}
