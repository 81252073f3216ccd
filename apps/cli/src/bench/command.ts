import { type Command, Option } from "commander";
import { makeLeafCommand } from "../make-command.js";
import { addConnectionOptions } from "../settings/options.js";
import { wholeNumberOption } from "../values.js";
import type { BenchFlags } from "./flags.js";

/** `apns bench`. */
export function benchCommand(): Command {
  const command = makeLeafCommand({
    name: "bench",
    summary: "measure both wires side by side",
    description: `Sends as fast as it can over both wires, and compares: throughput, time to the outcome, CPU, bytes, connections.

Without --host, against a simulator of its own, in another process, whose count of what arrived is compared with the
outcomes. Configuration files and variables do not choose the server here. Any server but this machine has to be named a
second time, by --confirm-host, and be given a list of device tokens that are yours to push to.`,
    examples: [
      ["apns bench", "20,000 over each wire, 20 ms round trip"],
      ["apns bench --count 200000 --delay-ms 0 --transport http2", "one wire, as fast as it goes"],
      ["apns bench --host 127.0.0.1 --port 2197 --config sim/apns.json --transport http2", "a server of yours"],
    ],
  })
    .addOption(wholeNumberOption("--count <n>", "notifications over each wire", 1, 5_000_000).default(20_000))
    .addOption(new Option("--transport <wire>", "which").choices(["both", "http2", "binary"]).default("both"))
    .addOption(wholeNumberOption("--delay-ms <n>", "round trip of the simulated network", 0, 10_000).default(20))
    .addOption(wholeNumberOption("--connections <n>", "at most", 1, 100).default(4))
    .addOption(
      wholeNumberOption("--reconnect-every <n>", "binary: notifications between two barriers", 1, 1_000_000).default(
        10_000,
      ),
    )
    .option("--to <file>", "device tokens to send to, one a line; repeated until there are --count")
    .option("--confirm-host <name>", "yes, push for real to this server");
  return addConnectionOptions(command, { token: true }).action(async (flags: BenchFlags) => {
    const { bench } = await import("./bench.js");
    await bench(flags);
  });
}
