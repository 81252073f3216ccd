import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A child process that one kind of message goes to and another comes from. */
export class Child<To extends object, From extends { readonly type: string }> {
  readonly #child: ChildProcess;
  readonly #name: string;
  /** It is being ended: that it ends is no news then. */
  #ending: Promise<void> | undefined;
  readonly #exited: Promise<unknown>;
  readonly #waiters = new Set<{
    readonly type: string;
    readonly resolve: (message: From) => void;
    readonly reject: (error: Error) => void;
  }>();

  /**
   * @param name what it is, for messages to people
   * @param onMessage told every message
   * @param onEnd told if the process ends by itself
   */
  constructor(module: URL, name: string, onMessage: (message: From) => void, onEnd: (error: Error) => void) {
    this.#name = name;
    this.#child = fork(module, { serialization: "advanced", execArgv: [] });
    this.#child.on("message", (message) => {
      onMessage(message as From);
      this.#answer(message as From);
    });
    this.#child.on("error", (error) => this.#fail(error));
    this.#exited = once(this.#child, "exit");
    this.#child.on("exit", (code) => {
      const error = new Error(
        this.#ending === undefined ? `${name} ended with exit code ${code}.` : `${name} was ended.`,
      );
      this.#fail(error);
      if (this.#ending === undefined) onEnd(error);
    });
  }

  send(message: To): void {
    if (this.#child.connected) this.#child.send(message, (error) => error !== null && this.#fail(error));
  }

  /**
   * Sends a message and waits for one of this type.
   * @throws what went wrong there: a `failed` message, or the end of the process
   */
  ask<Type extends From["type"]>(message: To, type: Type): Promise<Extract<From, { readonly type: Type }>> {
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new Error(`${this.#name} has ended.`));
        return;
      }
      this.#waiters.add({ type, resolve: resolve as (message: From) => void, reject });
      this.send(message);
    });
  }

  /** Ends it, whatever it does. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  #answer(message: From): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.type === message.type) {
        this.#waiters.delete(waiter);
        waiter.resolve(message);
        return;
      }
    }
    const { message: why } = message as { message?: unknown };
    if (message.type === "failed") this.#fail(new Error(`${this.#name}: ${String(why)}`));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiters) reject(error);
    this.#waiters.clear();
  }
}
