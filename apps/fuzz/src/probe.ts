import { RuleBroken } from "./must.js";
import type { OpenTarget, Target } from "./target.js";

/** How an input went wrong. */
export interface Problem {
  /** `error`: something undeclared was thrown; `stray`: the same out of an event handler, where nobody could catch it. */
  readonly kind: "error" | "stray" | "slow" | "memory" | "crash" | "hang";
  /** With the stack, where there is one. */
  readonly message: string;
  /** The same for the same defect, as far as that can be told: for counting, and for shrinking. */
  readonly signature: string;
}

/** Above that, a process that feeds small inputs has kept them. */
const maxResidentBytes = 1536 * 1024 * 1024;

/** Feeds inputs to a target, one at a time, and judges how each went. */
export class Probe {
  readonly #target: Target;
  readonly #open: OpenTarget;
  #stray: unknown;
  #runs = 0;

  constructor(target: Target, open: OpenTarget) {
    this.#target = target;
    this.#open = open;
  }

  /** To be told of what was thrown where nobody could catch it. */
  noteStray(error: unknown): void {
    this.#stray ??= error;
  }

  /** What was thrown like that since the last input; that one has most likely caused it. */
  strayProblem(): Problem | undefined {
    if (this.#stray === undefined) return undefined;
    const error = this.#stray;
    this.#stray = undefined;
    return errorProblem("stray", error);
  }

  async problemOf(input: Uint8Array): Promise<Problem | undefined> {
    const problem = await this.#feed(input);
    if (problem?.kind !== "slow") return problem ?? this.#memoryProblem();
    // Once may have been the machine.
    for (let again = 0; again < 2; again++) if ((await this.#feed(input))?.kind !== "slow") return undefined;
    return problem;
  }

  async #feed(input: Uint8Array): Promise<Problem | undefined> {
    const start = performance.now();
    try {
      const pending = this.#open.run(input);
      if (pending !== undefined) await pending;
    } catch (error) {
      return errorProblem("error", error);
    }
    const stray = this.strayProblem();
    if (stray !== undefined) return stray;
    const took = performance.now() - start;
    if (took <= this.#target.maxMs) return undefined;
    return { kind: "slow", message: `took ${Math.round(took)} ms, more than ${this.#target.maxMs}`, signature: "slow" };
  }

  #memoryProblem(): Problem | undefined {
    if (++this.#runs % 200 !== 0) return undefined;
    const bytes = process.memoryUsage.rss();
    if (bytes <= maxResidentBytes) return undefined;
    return { kind: "memory", message: `the process has ${bytes} bytes resident`, signature: "memory" };
  }
}

function errorProblem(kind: "error" | "stray", error: unknown): Problem {
  if (!(error instanceof Error)) {
    const message = `thrown was no error: ${String(error)}`;
    return { kind, message, signature: `${kind} ${message}` };
  }
  const { stack = error.message } = error;
  const causes = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : "";
  const frame = /^\s+at .*$/m.exec(stack)?.[0].trim() ?? "";
  const what = error instanceof RuleBroken ? error.name : `${error.name} ${frame}`;
  return { kind, message: `${stack}${causes}`, signature: `${kind} ${what}` };
}
