import type { Transport } from "@apns/core";
import { printNote } from "../terminal/output.js";

/**
 * The first Ctrl-C (or SIGTERM) ends the pulling, and what is under way settles; the second gives up on that, too, and says
 * of each notification what is known.
 */
export function listenForInterrupts(
  stop: AbortController,
  transport: Transport,
): { readonly interrupted: boolean; stop(): void } {
  let count = 0;
  const onSignal = (): void => {
    count++;
    if (count === 1) {
      stop.abort();
      printNote("", "apns: stopping; what is under way settles first. Again to give up on that");
    } else {
      void transport.close({ timeoutMs: 0 });
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    get interrupted() {
      return count > 0;
    },
    stop: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
