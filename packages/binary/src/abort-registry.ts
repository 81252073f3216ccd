import { ApnsError } from "@apns/core";
import type { PendingSend } from "./pending-send.js";

/** Sends by the signal that may abort them: one listener for each signal, however many sends share it. */
export class AbortRegistry {
  readonly #bySignal = new Map<AbortSignal, Set<PendingSend>>();
  readonly #onAbort: (sends: Iterable<PendingSend>, cause: ApnsError) => void;

  constructor(onAbort: (sends: Iterable<PendingSend>, cause: ApnsError) => void) {
    this.#onAbort = onAbort;
  }

  /** Watches the signal for a send until it is settled; returns what ends the watching. */
  watch(signal: AbortSignal, send: PendingSend): () => void {
    let sends = this.#bySignal.get(signal);
    if (sends === undefined) {
      sends = new Set();
      this.#bySignal.set(signal, sends);
      signal.addEventListener("abort", this.#handle);
    }
    const own = sends;
    own.add(send);
    return () => {
      own.delete(send);
      if (own.size > 0 || this.#bySignal.get(signal) !== own) return;
      this.#bySignal.delete(signal);
      signal.removeEventListener("abort", this.#handle);
    };
  }

  readonly #handle = (event: Event): void => {
    const signal = event.target as AbortSignal;
    const sends = this.#bySignal.get(signal);
    if (sends === undefined) return;
    this.#onAbort([...sends], abortedError(signal));
  };
}

export function abortedError(signal: AbortSignal): ApnsError {
  return new ApnsError("ERR_APNS_ABORTED", "The caller aborted this notification.", { cause: signal.reason });
}
