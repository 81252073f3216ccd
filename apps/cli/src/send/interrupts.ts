import type { Transport } from "@apns/core";
import { ExitCode } from "../exit-code.js";
import { printError, printNote } from "../terminal/output.js";
import type { EndingSignal, RunEnd } from "./run-end.js";

export const signalCodes: Readonly<Record<EndingSignal, ExitCode>> = {
  SIGHUP: ExitCode.hungUp,
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
};

const signals = Object.keys(signalCodes) as readonly EndingSignal[];

/**
 * While lists and the outcomes of an earlier run are read, a signal ends the process at once, and says that nothing was sent:
 * nothing is in flight, and there is nothing to record.
 * @returns stops listening
 */
export function endOnSignals(json: boolean): () => void {
  return onSignals((signal) => {
    const exitCode = signalCodes[signal];
    printError("ERR_APNS_ABORTED", `ended by ${signal} before anything was sent`, exitCode, json);
    process.exit(exitCode);
  });
}

/**
 * The first SIGINT (Ctrl-C), SIGTERM or SIGHUP stops the run, and what is in flight settles; the second closes the transport, so
 * that each notification in flight settles at once with what is known.
 * @returns stops listening
 */
export function stopOnSignals(end: RunEnd, transport: Transport): () => void {
  let count = 0;
  return onSignals((signal) => {
    count++;
    if (count === 1) {
      end.stop({ kind: "signal", signal });
      printNote("", "apns: stopping; what is in flight settles first. Again to give up on that");
    } else {
      void transport.close({ timeoutMs: 0 });
    }
  });
}

function onSignals(act: (signal: EndingSignal) => void): () => void {
  const listener = (signal: NodeJS.Signals): void => act(signal as EndingSignal);
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
