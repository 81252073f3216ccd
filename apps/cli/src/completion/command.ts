import { Argument, type Command } from "commander";
import { makeCommand } from "../make-command.js";
import { printJson, printRaw } from "../terminal/output.js";
import { bashScript } from "./bash.js";
import { fishScript } from "./fish.js";
import { describeTree } from "./tree.js";
import { zshScript } from "./zsh.js";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/**
 * `apns completion`: what a shell sources to complete commands, options and their values.
 * @param makeProgram the whole command line, every command of it loaded
 */
export function completionCommand(makeProgram: () => Promise<Command>): Command {
  return makeCommand({
    name: "completion",
    summary: "print the completion script of a shell",
    examples: [
      ["apns completion bash >> ~/.bashrc", "bash"],
      ["apns completion zsh > ~/.zfunc/_apns", "zsh, with ~/.zfunc in its fpath"],
      ["apns completion fish > ~/.config/fish/completions/apns.fish", "fish"],
    ],
  })
    .addArgument(new Argument("<shell>", "whose script").choices(Object.keys(scripts)))
    .option("--json", "print the commands and options as JSON, for another shell")
    .action(async (shell: keyof typeof scripts, { json }: { readonly json?: boolean }) => {
      const tree = describeTree(await makeProgram());
      if (json) printJson(tree);
      else printRaw(`${scripts[shell](tree)}\n`);
    });
}
