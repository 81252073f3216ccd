import type { AddressSpread } from "./addresses.js";
import type { ConnectError } from "./connect-error.js";

/** After so many milliseconds without a result another address is tried as well. */
export const hedgeAfterMs = 1_000;

/** Attempts in progress at the same time. */
const maxAttempts = 4;

export interface HedgeOptions<Connected> {
  readonly signal: AbortSignal;
  /** Which addresses there are; each attempt connects by its `lookup`. */
  readonly addresses: AddressSpread;
  /** Closes a connection that came second. */
  readonly discard: (connected: Connected) => void;
}

/**
 * Connects to a name of several addresses, some of which may accept TCP and never answer: while an attempt has no result, an
 * untried address is tried beside it, one per second. The first connection is the result, the other attempts are aborted.
 *
 * Only the addresses of the name count, so that a server with one address sees one attempt.
 * @throws the error that ended the last attempt; at once, one that is not retryable; or the reason of `signal`
 */
export function connectHedged<Connected>(
  attempt: (signal: AbortSignal) => Promise<Connected>,
  { signal, addresses, discard }: HedgeOptions<Connected>,
): Promise<Connected> {
  const inProgress = new Set<AbortController>();
  let isSettled = false;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      isSettled = true;
      clearInterval(timer);
      signal.removeEventListener("abort", onAbort);
      for (const other of inProgress) other.abort();
    };
    const start = (): void => {
      const controller = new AbortController();
      inProgress.add(controller);
      attempt(controller.signal).then(
        (connected) => {
          inProgress.delete(controller);
          if (isSettled) {
            discard(connected);
            return;
          }
          settle();
          resolve(connected);
        },
        (error: unknown) => {
          inProgress.delete(controller);
          if (isSettled || (inProgress.size > 0 && (error as Partial<ConnectError>).retryable !== false)) return;
          settle();
          reject(error);
        },
      );
    };
    const onAbort = (): void => {
      if (isSettled) return;
      settle();
      reject(signal.reason);
    };
    const timer = setInterval(() => {
      if (inProgress.size < maxAttempts && addresses.hasUntried) start();
    }, hedgeAfterMs);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    else start();
  });
}
