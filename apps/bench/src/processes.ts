import { execFileSync, spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { type Calls, Child } from "@apns/processes";

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

/** What a contender's process answers: it sends as `setting` says, and returns its figures. */
export type ContenderCalls<Setting, Output> = {
  run(setting: Setting): Promise<Output>;
};

/** Runs a contender in a process of its own, which ends with its answer. */
export async function runScript<Output, Setting = unknown>(
  script: URL,
  setting: Setting,
  core: number,
  execArgv: readonly string[] = [],
): Promise<Output> {
  const child = startScript<ContenderCalls<Setting, Output>>(script, core, execArgv);
  try {
    return await child.call("run", setting);
  } finally {
    await child.end();
  }
}

/** Starts a script of the bench in a process of its own, pinned to a core where that is possible. */
export function startScript<C extends Calls>(script: URL, core: number, execArgv: readonly string[] = []): Child<C> {
  const child = new Child<C>(script, {
    name: `The bench's ${script.pathname.split("/").slice(-2).join("/")}`,
    execArgv,
  });
  if (canPin && child.pid !== undefined) {
    // All threads: Node's own helpers would else run on the other core.
    execFileSync("taskset", ["-a", "-c", "-p", String(core), String(child.pid)], { stdio: "ignore" });
  }
  return child;
}
