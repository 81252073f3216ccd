import type { OutputError } from "../errors.js";

/** Why a run ended: the list was sent whole, or what came in between. */
export type Ending =
  | { readonly kind: "complete" }
  | { readonly kind: "signal"; readonly signal: EndingSignal }
  /** So many sends in a row failed that the next ones would, too. */
  | { readonly kind: "gaveUp"; readonly reason: string }
  /** The list cannot be read on, outcomes cannot be written, or a defect. */
  | { readonly kind: "failed"; readonly error: OutputError | Error };

export type EndingSignal = "SIGHUP" | "SIGINT" | "SIGTERM";

/** Ends a run early. The first reason counts. */
export class RunEnd {
  readonly #controller = new AbortController();
  #ending: Ending = { kind: "complete" };

  get ending(): Ending {
    return this.#ending;
  }

  /** Aborts when the run is to send nothing more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when the run is to send nothing more. */
  readonly stopped: Promise<void> = new Promise((resolve) => {
    this.#controller.signal.addEventListener("abort", () => resolve(), { once: true });
  });

  stop(ending: Exclude<Ending, { readonly kind: "complete" }>): void {
    if (this.#ending.kind !== "complete") return;
    this.#ending = ending;
    this.#controller.abort();
  }

  fail(error: unknown): void {
    this.stop({ kind: "failed", error: error instanceof Error ? error : new Error(String(error)) });
  }
}
