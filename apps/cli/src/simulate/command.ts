import type { Fault } from "@apns/simulator";
import { type Command, Option } from "commander";
import { makeLeafCommand } from "../make-command.js";
import { wholeNumberOption } from "../values.js";
import { parseFault } from "./faults.js";
import type { SimulateFlags } from "./flags.js";

/** `apns simulate`. */
export function simulateCommand(): Command {
  return makeLeafCommand({
    name: "simulate",
    summary: "run Apple's side on this machine and watch what arrives",
    description: `Runs Apple's side on this machine: HTTP/2, channels, the legacy gateway and the feedback service. Ctrl-C ends it.

Its keys and certificates, and an apns.json that names them, are written to a folder: commands that are run there, or with
--config FOLDER/apns.json, reach it; apns.json goes when it ends. Files of yours are not replaced. A signing request (.csr) that is put into the folder comes back as a .cer, as from
Apple's portal. What arrives is shown in a table on a terminal, where keys switch faults on and off (? lists them), else a line
each; with --json, as NDJSON.`,
    examples: [
      ["apns simulate --dir sim --accept-unknown", "whatever is sent is welcome"],
      [`apns simulate --dir sim --device ${"ab".repeat(4)}`, "only this device is known; others get BadDeviceToken"],
      ["apns simulate --json | jq .deviceToken", "for other programs"],
    ],
  })
    .option("--dir <folder>", "where keys, certificates and apns.json go", "apns-simulator")
    .option(
      "--device <token>",
      "a device that has the app (repeatable)",
      (token, others: readonly string[]) => [...others, token],
      [],
    )
    .option("--devices <file>", "a list of such devices, as for apns send --to; hundreds of thousands are welcome")
    .option("--accept-unknown", "take device tokens nobody registered, too")
    .option("--host <address>", "to listen on", "127.0.0.1")
    .addOption(wholeNumberOption("--port <n>", "for HTTP/2; 0 takes a free one", 0, 65_535).default(0))
    .addOption(wholeNumberOption("--gateway-port <n>", "for the legacy gateway", 0, 65_535).default(0))
    .addOption(wholeNumberOption("--feedback-port <n>", "for the feedback service", 0, 65_535).default(0))
    .addOption(wholeNumberOption("--channels-port <n>", "for channel management", 0, 65_535).default(0))
    .addOption(
      wholeNumberOption("--control-port <n>", "also open the HTTP control API there (default: not)", 0, 65_535),
    )
    .addOption(
      new Option("--environment <name>", "which one it is")
        .choices(["production", "development"])
        .default("production"),
    )
    .option("--bundle-id <id>", "the app", "com.example.App")
    .option("--team-id <id>", "ten characters", "TEAM123456")
    .option("--key-id <id>", "ten characters", "KEY1234567")
    .addOption(wholeNumberOption("--latency-ms <n>", "round trip of the network", 0, 60_000).default(0))
    .addOption(wholeNumberOption("--seed <n>", "of what faults leave to chance (default: 1)", 0, 0xffff_ffff))
    .addOption(
      new Option("--fault <fault>", "what goes wrong, as JSON or by its type (repeatable); see @apns/simulator")
        .argParser((text: string, others: readonly Fault[]) => [...others, parseFault(text)])
        .default([], "none"),
    )
    .option("--legacy-tls", "gateway and feedback service take TLS 1.0 and old ciphers, too, for old senders")
    .option("--rsa", "RSA keys in the certificates, for old senders; takes longer to start")
    .action(async (flags: SimulateFlags) => {
      const { simulate } = await import("./simulate.js");
      await simulate(flags);
    });
}
