import { type ChildProcess, execFileSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";

/** Whether a program is on the PATH. */
export function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}

/** Sink and contender get a core each, where there are two and `taskset` can say so. */
export const canPin: boolean = cpus().length >= 2 && has("taskset");
export const contenderCore = 0;
export const sinkCore = 1;

/** A program with its arguments, pinned to a core where that is possible. */
export function pinned(core: number, command: readonly string[]): [string, string[]] {
  const [program, ...args] = canPin ? ["taskset", "-c", String(core), ...command] : command;
  return [program!, args];
}

/** Runs a script of ours in a process of its own. It is given `input`, and answers with one message. */
export async function runScript<Output>(
  script: URL,
  input: unknown,
  core: number,
  execArgv: readonly string[] = [],
): Promise<Output> {
  const child = startScript(script, core, execArgv);
  try {
    child.send(input as object);
    return await answerOf<Output>(child);
  } finally {
    child.kill();
  }
}

export function startScript(script: URL, core: number, execArgv: readonly string[] = []): ChildProcess {
  const child = fork(script, { execArgv: [...execArgv], serialization: "advanced" });
  if (canPin && child.pid !== undefined) {
    // All threads: Node's own helpers would else run on the other core.
    execFileSync("taskset", ["-a", "-c", "-p", String(core), String(child.pid)], { stdio: "ignore" });
  }
  return child;
}

export async function answerOf<Output>(child: ChildProcess): Promise<Output> {
  const controller = new AbortController();
  const { signal } = controller;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([message]) => message as Output),
      once(child, "exit", { signal }).then(([code, killedBy]): never => {
        throw new Error(`a bench process ended with ${killedBy ?? `exit code ${code}`}`);
      }),
    ]);
  } finally {
    controller.abort();
  }
}
