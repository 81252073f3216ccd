import type { Transport } from "@apns/core";
import { printNote } from "../terminal/output.js";
import type { EndingSignal, RunEnd } from "./run-end.js";

const signals: readonly EndingSignal[] = ["SIGHUP", "SIGINT", "SIGTERM"];

/**
 * The first SIGINT (Ctrl-C), SIGTERM or SIGHUP stops the run, and what is in flight settles; the second closes the transport, so
 * that each notification in flight settles at once with what is known.
 * @returns stops listening
 */
export function listenForSignals(end: RunEnd, transport: Transport): () => void {
  let count = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    count++;
    if (count === 1) {
      end.stop({ kind: "signal", signal: signal as EndingSignal });
      printNote("", "apns: stopping; what is in flight settles first. Again to give up on that");
    } else {
      void transport.close({ timeoutMs: 0 });
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
