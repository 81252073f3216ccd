// A list that takes long enough to be interrupted, and the books of what became of it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "./apns.js";
import { type Apple, startApple, tokenOf } from "./simulator.js";

export const count = 20_000;

export interface SlowApple extends Apple {
  /** How often each device token was accepted. */
  readonly timesAccepted: Map<string, number>;
}

/** A server that answers after 60 ms, with a list of `count` device tokens in list.txt. */
export async function slowApple(): Promise<SlowApple> {
  const timesAccepted = new Map<string, number>();
  const apple = await startApple({
    unknownDeviceTokens: "accept",
    latencyMs: 60,
    maxReceived: 0,
    onReceived: ({ deviceToken, verdict }) => {
      if (verdict.kind === "accepted") timesAccepted.set(deviceToken, (timesAccepted.get(deviceToken) ?? 0) + 1);
    },
  });
  const tokens = Array.from({ length: count }, (_, index) => tokenOf(index));
  apple.write("list.txt", `${tokens.join("\n")}\n`);
  return { ...apple, timesAccepted };
}

/** Sends the list over one connection, and keeps the outcomes in run.ndjson. */
export const sendList: readonly string[] = [
  ...["send", "--to", "list.txt", "--body", "x", "--connections", "1", "--out", "run.ndjson"],
];

/** The lines of run.ndjson. */
export function records({ folder }: Apple): Record<string, unknown>[] {
  return readFileSync(join(folder, "run.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** The last line of what was printed with `--json`. */
export function summary({ stdout }: Result): Record<string, number> {
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}
