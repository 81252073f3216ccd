import { parseArgs } from "node:util";
import { benchBinary } from "./binary/bench.js";
import { benchBridge } from "./bridge/bench.js";
import { isMet } from "./goals.js";
import { benchHttp2 } from "./http2/bench.js";
import { asJson, asText, type BenchResult, type Progress } from "./report.js";
import { benchSendAll } from "./send-all/bench.js";
import { benchSimulator } from "./simulator/bench.js";

const benches: Readonly<Record<string, (quick: boolean, progress: Progress) => Promise<BenchResult>>> = {
  http2: benchHttp2,
  binary: benchBinary,
  "send-all": benchSendAll,
  bridge: benchBridge,
  simulator: benchSimulator,
};

const helpText = `Measures speed, against others in turn on this machine.

Usage: npx pnpm@10 bench NAME [--json] [--quick] [--check]

  NAME      ${Object.keys(benches).join(", ")}
  --json    print one JSON object and nothing else
  --quick   one short round; rough, but done within 45 seconds
  --check   exit with 1 if a goal is missed

Goals are for a machine with a core for each side; exit code 1 also says that sends did not do what they should.
`;

/** Shows on one line of a terminal what is being measured; writes nothing anywhere else. */
const progress: Progress = (text) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
};

// Ctrl-C leaves no half line behind; the processes of the bench end with this one.
process.once("SIGINT", () => {
  progress("");
  process.exit(130);
});

async function main(): Promise<number> {
  let parsed: { values: { json?: boolean; quick?: boolean; check?: boolean; help?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        quick: { type: "boolean" },
        check: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message.split(/[.\n]/, 1)[0]}; see --help\n`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(helpText);
    return 0;
  }
  const bench = positionals.length === 1 ? benches[positionals[0]!] : undefined;
  if (bench === undefined) {
    process.stderr.write(`bench: name one of ${Object.keys(benches).join(", ")}; see --help\n`);
    return 2;
  }
  const result = await bench(values.quick ?? false, progress);
  progress("");
  process.stdout.write(values.json ? asJson(result) : asText(result));
  // A figure of sends that did not do what they should is no figure.
  if (result.rows.some(({ failed }) => (failed ?? 0) > 0)) return 1;
  return values.check && result.goals.some((goal) => isMet(goal) === false) ? 1 : 0;
}

process.exitCode = await main();
