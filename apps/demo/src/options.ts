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
  /** Whether the page is served: `auto` while somebody may look at it, `always` until Ctrl-C, `never`. */
  readonly page: "auto" | "always" | "never";
  /** Where the page is served; `undefined`: the usual port, or any free one. */
  readonly port: number | undefined;
  readonly help: boolean;
}

/** The command line is wrong; the message is one line for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const helpText = `Sends the same notifications over both wires APNs has spoken, to a local stand-in for Apple, side by side; and
serves a page on which you can watch both, and break them.

Usage: npx pnpm@10 demo [options]

  --count N             notifications to send                               (default 20000)
  --bad PERCENT         device tokens nobody knows, of all                  (default 1)
  --unregistered PERCENT  device tokens whose app was removed, of all       (default 0.5)
  --delay-ms N          round trip of the simulated network                 (default 20)
  --reconnect-every N   legacy wire: notifications between two barriers     (default 10000)
  --seed N              which device tokens are the bad ones                (default 1)
  --page                go on serving the page until Ctrl-C, also without a terminal
  --no-page             do not serve it
  --port N              serve it there; 0 takes any free port               (default 8090, if it is free)
  --json                print one JSON object and nothing else; no page
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
        page: { type: "boolean", default: false },
        "no-page": { type: "boolean", default: false },
        port: { type: "string" },
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
  if (values["page"] === true && (values["no-page"] === true || values["json"] === true)) {
    throw new UsageError(`--page contradicts ${values["json"] === true ? "--json" : "--no-page"}`);
  }
  return {
    count: whole(values, "count", 1, 5_000_000),
    badPercent,
    unregisteredPercent,
    delayMs: whole(values, "delay-ms", 0, 10_000),
    reconnectEvery: whole(values, "reconnect-every", 1, 1_000_000),
    seed: whole(values, "seed", 0, 0xffff_ffff),
    json: values["json"] === true,
    page: values["page"] === true ? "always" : values["no-page"] === true || values["json"] === true ? "never" : "auto",
    port: values["port"] === undefined ? undefined : whole(values, "port", 0, 65_535),
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
