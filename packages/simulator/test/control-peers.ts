// A simulator and somebody who asks its control API.
import { onTestFinished } from "vitest";
import { type ControlOptions, type ControlServer, startControl } from "../src/control/index.ts";
import type { Simulator } from "../src/index.ts";
import { start } from "./peers.ts";

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever it answers, tests say what it is.
  readonly body: any;
}

export interface Ready {
  readonly apple: Simulator;
  readonly control: ControlServer;
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Answer>;
}

/** A simulator with its control API, both closed when the test ends. */
export async function ready(options: ControlOptions = {}): Promise<Ready> {
  const apple = await start({ errorLingerMs: 0 });
  const control = await startControl(apple, options);
  onTestFinished(() => control.close());
  const ask: Ready["ask"] = async (method, path, body) => {
    const response = await fetch(control.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  return { apple, control, ask };
}
