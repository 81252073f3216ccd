import type { Command } from "commander";
import { makeLeafCommand } from "../make-command.js";
import type { BridgeFlags } from "./flags.js";

/** `apns bridge`: legacy senders in, HTTP/2 out. */
export function bridgeCommand(): Command {
  return makeLeafCommand({
    name: "bridge",
    summary: "let legacy senders reach APNs",
    description: `Runs a server that senders of the legacy binary protocol take for gateway.push.apple.com:2195 and
feedback.push.apple.com:2196, and sends what they send over HTTP/2.

It logs a line of JSON per event to stdout. SIGHUP reads the configuration again, connections live on; SIGUSR2 starts another process
that takes over, with no port closed; SIGTERM and Ctrl-C end in good order, a second one at once. docs/bridge.md leads from a sender's log to production.`,
    examples: [
      ["apns bridge --config bridge.yaml --check", "is the configuration right? Says file, line and column if not"],
      ["apns bridge --config bridge.yaml --shadow", "log what would be sent, and send nothing; senders believe it was"],
      ["apns bridge --config bridge.yaml", "run"],
      ["apns bridge --config bridge.yaml --replay", "send again what was lost, by the audit with payloads"],
    ],
  })
    .requiredOption("--config <file>", "the configuration, YAML")
    .option("--check", "check the configuration and the keys it names, and do nothing else")
    .option("--shadow", "send nothing, log what would be sent")
    .option("--replay", "send again what the audit says was lost, each once, and do nothing else")
    .option("--uncertain", "with --replay: also what may have been lost; some of it arrives twice")
    .action(async (flags: BridgeFlags) => {
      if (flags.check) await (await import("./check-config.js")).checkConfig(flags);
      else if (flags.replay) await (await import("./replay-audit.js")).replayAudit(flags);
      else await (await import("./run-bridge.js")).runBridge(flags);
    });
}
