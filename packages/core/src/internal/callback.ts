/** Between two warnings about callbacks of one name, in milliseconds. */
const warnEveryMs = 1_000;

interface WarningState {
  warnedAt: number;
  /** Errors since then that no warning has told of. */
  untold: number;
}

const states = new Map<string, WarningState>();

/** What Node has and other runtimes may not. */
interface Runtime {
  readonly process?: {
    emitWarning?(message: string, options: { readonly code: string; readonly detail: string }): void;
  };
  readonly console?: { error(...values: unknown[]): void };
}

/**
 * Runs a callback of the user's: what it throws, or rejects with, affects nothing else and does not end the process. It
 * becomes a warning of the process (code `APNS_CALLBACK`; `process.on("warning")` hears it), or a line of `console.error`
 * where there is no process; once a second at most for each name.
 * @param name how users know the callback: one of a fixed set, since each is remembered
 * @returns what the callback returns; undefined if it throws
 */
export function runCallback<Result>(name: string, callback: () => Result): Result | undefined {
  try {
    const result = callback();
    if (isPromise(result)) result.then(undefined, (error: unknown) => warn(name, error));
    return result;
  } catch (error) {
    warn(name, error);
    return undefined;
  }
}

/** As {@link runCallback}, in a microtask of its own. */
export function runCallbackSoon(name: string, callback: () => unknown): void {
  queueMicrotask(() => void runCallback(name, callback));
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as Partial<PromiseLike<unknown>>).then === "function"
  );
}

function warn(name: string, error: unknown): void {
  const now = Date.now();
  const state = states.get(name) ?? { warnedAt: Number.NEGATIVE_INFINITY, untold: 0 };
  states.set(name, state);
  if (Math.abs(now - state.warnedAt) < warnEveryMs) {
    state.untold++;
    return;
  }
  const since = state.untold === 0 ? "" : ` (${state.untold} more since the last warning)`;
  state.warnedAt = now;
  state.untold = 0;
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  const text = `${name} threw an error${since}: ${message}`;
  const { process, console } = globalThis as unknown as Runtime;
  if (typeof process?.emitWarning === "function") process.emitWarning(text, { code: "APNS_CALLBACK", detail: stack });
  else console?.error(text, error);
}
