import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { WorkloadOptions } from "../workload.js";
import type { AcceptedCounts, Apple, FromSimulator, ToSimulator } from "./messages.js";

/** The simulator's process, as the demo sees it. */
export class SimulatorProcess {
  readonly apple: Apple;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, apple: Apple) {
    this.#child = child;
    this.apple = apple;
  }

  /** @throws if the simulator cannot start, for example because a port is taken */
  static async start(workload: WorkloadOptions, delayMs: number): Promise<SimulatorProcess> {
    const child = fork(new URL("child.js", import.meta.url), { serialization: "advanced" });
    try {
      const answer = await ask(child, { type: "start", workload, delayMs });
      if (answer.type !== "ready") throw new Error(answer.type === "failed" ? answer.message : "unexpected answer");
      return new SimulatorProcess(child, answer.apple);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** What was really received so far. */
  async counts(): Promise<AcceptedCounts> {
    const answer = await ask(this.#child, { type: "count" });
    if (answer.type !== "counts") throw new Error("The simulator did not tell what it received.");
    return answer.counts;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}

async function ask(child: ChildProcess, question: ToSimulator): Promise<FromSimulator> {
  const controller = new AbortController();
  const { signal } = controller;
  try {
    child.send(question);
    return await Promise.race([
      once(child, "message", { signal }).then(([answer]) => answer as FromSimulator),
      once(child, "exit", { signal }).then(([code]): never => {
        throw new Error(`The simulator's process ended with exit code ${code}.`);
      }),
    ]);
  } finally {
    controller.abort();
  }
}
