import { type ChildProcess, fork } from "node:child_process";
import { ChildError } from "./errors.js";
import type { CallMessage, Calls, ChildMessage } from "./messages.js";

export interface ChildOptions<Event> {
  /** The child's name in error messages: "The simulator". */
  readonly name: string;
  /** Flags for the child's Node. @default none: those of this process are not inherited */
  readonly execArgv?: readonly string[];
  /** How long each call may wait for its answer, in milliseconds. @default as long as it takes */
  readonly answerTimeoutMs?: number;
  /** Called with each event that the child sends. */
  readonly onEvent?: (event: Event) => void;
  /** Called once if the process ends, or cannot be started, without `end` having been called. */
  readonly onEnd?: (error: ChildError) => void;
}

interface PendingCall {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: ChildError) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** A Node process that runs one module, which answers calls by `answerParent`. It ends with this process at the latest. */
export class Child<C extends Calls, Event = never> {
  readonly #options: ChildOptions<Event>;
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, PendingCall>();
  /** Resolves when the process has ended and everything that it sent was read. */
  readonly #ended: Promise<void>;
  #state: "running" | "ending" | "ended" = "running";
  #calls = 0;

  /** Starts it. That it cannot be started is told as if it had ended at once. */
  constructor(module: URL, options: ChildOptions<Event>) {
    this.#options = options;
    this.#process = fork(module, { serialization: "advanced", execArgv: [...(options.execArgv ?? [])] });
    this.#process.on("message", (message) => this.#receive(message as ChildMessage));
    this.#ended = new Promise((resolve) => {
      const finish = (cause: string): void => {
        this.#finish(cause);
        resolve();
      };
      this.#process.on("error", (error) => {
        if (this.#process.pid === undefined) finish(`could not be started: ${error.message}`);
      });
      this.#process.on("exit", (code, signal) => {
        const cause = `ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}`;
        // What it sent before its end may not be read yet.
        if (this.#process.connected) this.#process.once("disconnect", () => finish(cause));
        else finish(cause);
      });
    });
  }

  /** The process id; `undefined` if it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /**
   * Calls one of the functions that the child has given to `answerParent`.
   * @throws {ChildError} if it fails, has ended, or does not answer in time
   */
  call<Name extends keyof C & string>(
    name: Name,
    ...input: Parameters<C[Name]>
  ): Promise<Awaited<ReturnType<C[Name]>>> {
    return new Promise((resolve, reject) => {
      if (this.#state !== "running") {
        reject(this.#error("ERR_APNS_CHILD_ENDED", "has ended"));
        return;
      }
      const call = this.#calls++;
      const { answerTimeoutMs } = this.#options;
      const timer =
        answerTimeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              const problem = `has not answered "${name}" within ${answerTimeoutMs} ms`;
              this.#take(call)?.reject(this.#error("ERR_APNS_CHILD_SILENT", problem));
            }, answerTimeoutMs);
      this.#pending.set(call, { resolve: resolve as (answer: unknown) => void, reject, timer });
      this.#send({ call, name, input: input[0] });
    });
  }

  /** The same where no answer is waited for: that it fails is ignored. */
  tell<Name extends keyof C & string>(name: Name, ...input: Parameters<C[Name]>): void {
    this.call(name, ...input).catch(() => {});
  }

  /** Kills it (SIGKILL), whatever it is doing, and resolves when it has ended. Calls without an answer are rejected. */
  end(): Promise<void> {
    if (this.#state === "running") {
      this.#state = "ending";
      this.#process.kill("SIGKILL");
    }
    return this.#ended;
  }

  #send(message: CallMessage): void {
    const fail = (error: Error | null): void => {
      // If the process is gone, its end says more.
      if (error === null || !this.#process.connected) return;
      const problem = `cannot be sent "${message.name}": ${error.message}`;
      this.#take(message.call)?.reject(this.#error("ERR_APNS_CHILD_FAILED", problem, error));
    };
    try {
      if (this.#process.connected) this.#process.send(message, fail);
    } catch (error) {
      // A value that cannot be copied, a function for instance.
      fail(error as Error);
    }
  }

  #receive(message: ChildMessage): void {
    if ("event" in message) this.#options.onEvent?.(message.event as Event);
    else if ("failure" in message) {
      this.#take(message.call)?.reject(new ChildError("ERR_APNS_CHILD_FAILED", this.#sentence(message.failure)));
    } else this.#take(message.call)?.resolve(message.answer);
  }

  #take(call: number): PendingCall | undefined {
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    clearTimeout(pending?.timer);
    return pending;
  }

  #finish(cause: string): void {
    const wasAsked = this.#state === "ending";
    this.#state = "ended";
    const error = this.#error("ERR_APNS_CHILD_ENDED", wasAsked ? "was ended" : cause);
    for (const call of [...this.#pending.keys()]) this.#take(call)?.reject(error);
    if (!wasAsked) this.#options.onEnd?.(error);
  }

  #error(code: ChildError["code"], problem: string, cause?: Error): ChildError {
    return new ChildError(code, `${this.#options.name} ${problem}.`, { cause });
  }

  #sentence(failure: string): string {
    return `${this.#options.name}: ${failure}`;
  }
}
