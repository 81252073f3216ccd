import { createRequire } from "node:module";
import { Command } from "commander";
import { type CommandEntry, commands } from "./commands.js";
import { makeCommand } from "./make-command.js";
import { refuseMisplacedSecrets } from "./secrets/misplaced.js";

/** The version in this package's manifest. */
function version(): string {
  return (createRequire(import.meta.url)("../package.json") as { version: string }).version;
}

/** Not among the others: it looks at all of them. */
const completion: CommandEntry = {
  name: "completion",
  summary: "print the completion script of a shell",
  load: async () => (await import("./completion/command.js")).completionCommand(() => makeProgram(() => true)),
};

/**
 * The whole command line.
 * @param isNeeded which commands are to be loaded; of the others, the help shows name and summary
 */
export async function makeProgram(isNeeded: (name: string) => boolean): Promise<Command> {
  const program = makeCommand({
    name: "apns",
    summary: "Apple push notifications, over both wires APNs has spoken",
    description: `Apple push notifications from the command line: over HTTP/2, and over the legacy binary protocol.

Every command has a --help with examples, and --json for scripts.

Exit codes:
  0  all is well
  1  APNs refused something, or would
  2  the command line, or a file that was named, is wrong or cannot be used
  3  no connection, or the credentials are of no use
  4  output could not be written`,
    examples: [
      ["apns simulate --dir sim --accept-unknown", "Apple's side on this machine, to try things against"],
      ["apns send --config sim/apns.json --title Hello DEVICE_TOKEN", "a push to it"],
      ["apns doctor --environment production", "why pushes do not reach Apple's"],
    ],
  })
    .version(version(), "-V, --version", "print the version")
    .helpCommand("help [command]", "print the help of a command");
  program.hook("preAction", (_, command) => refuseMisplacedSecrets(command));
  for (const { name, summary, load } of [...commands, completion]) {
    program.addCommand(isNeeded(name) ? await load() : new Command(name).summary(summary).description(summary));
  }
  return program;
}
