import { Child } from "@apns/processes";
import type { WorkloadOptions } from "../workload.js";
import type { AcceptedCounts, Apple, SimulatorCalls } from "./calls.js";

/** A simulator that does not answer by then never will. */
const answerTimeoutMs = 60_000;

/** The simulator's process, as the demo sees it. */
export class SimulatorProcess {
  readonly apple: Apple;
  readonly #child: Child<SimulatorCalls>;

  private constructor(child: Child<SimulatorCalls>, apple: Apple) {
    this.#child = child;
    this.apple = apple;
  }

  /** @throws {ChildError} if the simulator cannot start */
  static async start(workload: WorkloadOptions, delayMs: number): Promise<SimulatorProcess> {
    const module = new URL("child.js", import.meta.url);
    const child = new Child<SimulatorCalls>(module, { name: "The simulator", answerTimeoutMs });
    try {
      return new SimulatorProcess(child, await child.call("start", { workload, delayMs }));
    } catch (error) {
      await child.end();
      throw error;
    }
  }

  /** What was really received so far. */
  counts(): Promise<AcceptedCounts> {
    return this.#child.call("counts");
  }

  stop(): Promise<void> {
    return this.#child.end();
  }
}
