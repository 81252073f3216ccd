import type { Command } from "commander";

/** A command as completion sees it. */
export interface CommandNode {
  /** As it is typed: `apns payload size`. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandNode[];
  readonly options: readonly OptionNode[];
  /** What its arguments may be, if that is known. */
  readonly choices: readonly string[];
}

export interface OptionNode {
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** What the value may be, if that is known; else it may be a file. */
  readonly choices: readonly string[];
}

export function describeTree(command: Command, parentPath = ""): CommandNode {
  const path = parentPath === "" ? command.name() : `${parentPath} ${command.name()}`;
  const help = command.createHelp();
  return {
    path,
    name: command.name(),
    summary: command.summary(),
    commands: help.visibleCommands(command).map((child) => describeTree(child, path)),
    options: help
      .visibleOptions(command)
      .flatMap(({ long, description, required, optional, argChoices }) =>
        long === undefined ? [] : [{ long, description, takesValue: required || optional, choices: argChoices ?? [] }],
      ),
    choices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  };
}

/** This command and all below it. */
export function flatten(node: CommandNode): CommandNode[] {
  return [node, ...node.commands.flatMap(flatten)];
}
