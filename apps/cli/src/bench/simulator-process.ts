import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Endpoint, Wire } from "@apns/core";

/** Where the simulator is, and what it takes to be let in. */
export interface Apple {
  readonly http2: Endpoint;
  readonly gateway: Endpoint;
  readonly topic: string;
  readonly teamId: string;
  readonly keyId: string;
  readonly signingKey: string;
  readonly cert: string;
  readonly key: string;
}

export type ToSimulator =
  | { readonly type: "start"; readonly count: number; readonly delayMs: number }
  | { readonly type: "count"; readonly wire: Wire };

export type FromSimulator =
  | { readonly type: "ready"; readonly apple: Apple }
  /** For each device, how often a notification for it was accepted; 255 means that often or oftener. */
  | { readonly type: "counted"; readonly accepted: Uint8Array }
  | { readonly type: "failed"; readonly message: string };

/** A simulator in a process of its own, so that the CPU time measured is the client's, and its count a judgement. */
export class SimulatorProcess {
  readonly apple: Apple;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, apple: Apple) {
    this.#child = child;
    this.apple = apple;
  }

  static async start(count: number, delayMs: number): Promise<SimulatorProcess> {
    const child = fork(new URL("simulator-child.js", import.meta.url), { serialization: "advanced" });
    try {
      const answer = await ask(child, { type: "start", count, delayMs });
      if (answer.type !== "ready") throw new Error(answer.type === "failed" ? answer.message : "unexpected answer");
      return new SimulatorProcess(child, answer.apple);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /**
   * What really arrived over this wire, against what the client believes.
   * @param believed 1 for each device that the client says was accepted
   */
  async arrived(
    wire: Wire,
    believed: Uint8Array,
  ): Promise<{ readonly simulatorAccepted: number; readonly lost: number; readonly doubled: number }> {
    const answer = await ask(this.#child, { type: "count", wire });
    if (answer.type !== "counted") throw new Error("The simulator did not tell what it received.");
    const balance = { simulatorAccepted: 0, lost: 0, doubled: 0 };
    for (const [index, times] of answer.accepted.entries()) {
      balance.simulatorAccepted += times;
      if (times === 0 && believed[index] === 1) balance.lost++;
      if (times > 1) balance.doubled += times - 1;
    }
    return balance;
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
