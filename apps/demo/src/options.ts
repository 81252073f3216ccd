import { parseArgs } from "node:util";

export interface DemoOptions {
  /** How many notifications. */
  readonly count: number;
  /** Share of device tokens nobody knows, in percent. */
  readonly badPercent: number;
  /** Share of device tokens whose app is gone, in percent. */
  readonly unregisteredPercent: number;
  /** Round trip of the simulated network. */
  readonly delayMs: number;
  /** Legacy wire: notifications between two barriers. */
  readonly reconnectEvery: number;
  readonly seed: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** The command line is wrong; the message is one line for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const helpText = `Sends the same notifications over both wires APNs has spoken, to a local stand-in for Apple, side by side.

Usage: npx pnpm@10 demo [options]

  --count N             notifications to send                               (default 20000)
  --bad PERCENT         device tokens nobody knows, of all                  (default 1)
  --unregistered PERCENT  device tokens whose app was removed, of all       (default 0.5)
  --delay-ms N          round trip of the simulated network                 (default 20)
  --reconnect-every N   legacy wire: notifications between two barriers     (default 10000)
  --seed N              which device tokens are the bad ones                (default 1)
  --json                print one JSON object and nothing else
  --help                print this

Exit code 0: every notification is accounted for; 1: something was lost, doubled or misreported;
2: the command line is wrong, or a port is taken.
`;

/** @throws {UsageError} */
export function parseOptions(args: readonly string[]): DemoOptions {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        count: { type: "string", default: "20000" },
        bad: { type: "string", default: "1" },
        unregistered: { type: "string", default: "0.5" },
        "delay-ms": { type: "string", default: "20" },
        "reconnect-every": { type: "string", default: "10000" },
        seed: { type: "string", default: "1" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    // Node's message goes on to explain how to escape a positional; its first sentence says all.
    throw new UsageError((error as Error).message.split(/[.\n]/, 1)[0]);
  }
  const badPercent = number(values, "bad", 0, 100);
  const unregisteredPercent = number(values, "unregistered", 0, 100);
  if (badPercent + unregisteredPercent > 100) {
    throw new UsageError(
      `--bad ${badPercent} and --unregistered ${unregisteredPercent} are more than 100 percent together`,
    );
  }
  return {
    count: whole(values, "count", 1, 5_000_000),
    badPercent,
    unregisteredPercent,
    delayMs: whole(values, "delay-ms", 0, 10_000),
    reconnectEvery: whole(values, "reconnect-every", 1, 1_000_000),
    seed: whole(values, "seed", 0, 0xffff_ffff),
    json: values["json"] === true,
    help: values["help"] === true,
  };
}

function number(values: Record<string, unknown>, name: string, min: number, max: number): number {
  const text = String(values[name]).trim();
  const value = Number(text);
  if (text !== "" && value >= min && value <= max) return value;
  throw new UsageError(`--${name} takes a number from ${min} to ${max}, not "${text}"`);
}

function whole(values: Record<string, unknown>, name: string, min: number, max: number): number {
  const value = number(values, name, min, max);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${values[name]}"`);
}
