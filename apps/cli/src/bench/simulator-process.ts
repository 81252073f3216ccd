import type { Wire } from "@apns/core";
import { Child } from "@apns/processes";
import type { Apple, SimulatorCalls } from "./simulator-calls.js";

/** A simulator that does not answer by then never will. */
const answerTimeoutMs = 60_000;

/** A simulator in a process of its own: the CPU time measured is the client's alone, and the count of another process. */
export class SimulatorProcess {
  readonly apple: Apple;
  readonly #child: Child<SimulatorCalls>;

  private constructor(child: Child<SimulatorCalls>, apple: Apple) {
    this.#child = child;
    this.apple = apple;
  }

  /** @throws {ChildError} if the simulator cannot start */
  static async start(count: number, delayMs: number): Promise<SimulatorProcess> {
    const module = new URL("simulator-child.js", import.meta.url);
    const child = new Child<SimulatorCalls>(module, { name: "The simulator", answerTimeoutMs });
    try {
      return new SimulatorProcess(child, await child.call("start", { count, delayMs }));
    } catch (error) {
      await child.end();
      throw error;
    }
  }

  /**
   * Compares the notifications that arrived over a wire with what the client was told.
   * @param acceptedByClient 1 for each device whose notification was accepted according to the client
   */
  async arrived(
    wire: Wire,
    acceptedByClient: Uint8Array,
  ): Promise<{ readonly simulatorAccepted: number; readonly lost: number; readonly doubled: number }> {
    const accepted = await this.#child.call("accepted", wire);
    const balance = { simulatorAccepted: 0, lost: 0, doubled: 0 };
    for (const [index, times] of accepted.entries()) {
      balance.simulatorAccepted += times;
      if (times === 0 && acceptedByClient[index] === 1) balance.lost++;
      if (times > 1) balance.doubled += times - 1;
    }
    return balance;
  }

  stop(): Promise<void> {
    return this.#child.end();
  }
}
