import { show } from "@apns/core/internal";
import { Command, type CommanderError } from "commander";
import { UsageError } from "./errors.js";
import { columnsOf, joinParagraphs, wrap } from "./terminal/width.js";

export interface CommandText {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What else is to be said about it in its own help. @default the summary */
  readonly description?: string;
  /** Whole command lines with what each is for; every command has some. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
}

/** The help was printed, or the version: nothing is left to do. */
export class NothingLeftToDo extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("help was printed");
    this.exitCode = exitCode;
  }
}

/** A command as all are: examples in the help, corrections of typos suggested, errors thrown and not printed. */
export function makeCommand({ name, summary, description, examples }: CommandText): Command {
  const command = new Command(name)
    .summary(summary)
    .description(joinParagraphs(description ?? `${summary}.`))
    .helpOption("-h, --help", "print this")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false, minWidthToWrap: 20 })
    // Commander throws an error with the text that it would print to stderr.
    .configureOutput({ outputError: () => {}, getOutHelpWidth: helpColumns, getErrHelpWidth: helpColumns });
  command.exitOverride((error) => {
    throw translate(command, error);
  });
  command.addHelpText("after", () => {
    const columns = helpColumns();
    const width = Math.max(...examples.map(([commandLine]) => commandLine.length));
    const isBeside = examples.every(([, purpose]) => width + purpose.length + 6 <= columns);
    const lines = examples.map(([commandLine, purpose]) =>
      !isBeside ? `  $ ${commandLine}\n      ${purpose}` : `  $ ${commandLine.padEnd(width)}  ${purpose}`,
    );
    return `\nExamples:\n${lines.join("\n")}`;
  });
  return command;
}

/** As wide as the terminal, but no wider than people read. */
function helpColumns(): number {
  return Math.min(columnsOf(process.stdout), maxHelpColumns);
}

const maxHelpColumns = 120;

/** Adds text below the options of a command's help. */
export function addHelpBelow(command: Command, text: string): Command {
  return command.addHelpText("after", () => `\n${wrap(text, helpColumns())}`);
}

/** A command without subcommands. All of them take `--json`. */
export function makeLeafCommand(text: CommandText): Command {
  return makeCommand(text).option("--json", "print JSON and nothing else");
}

function translate(command: Command, error: CommanderError): Error {
  if (error.exitCode === 0) return new NothingLeftToDo(0);
  // No subcommand was named: commander has printed the help to stderr.
  if (error.code === "commander.help") return new NothingLeftToDo(2);
  return new UsageError(`${withoutValues(error.message)}; see ${pathOf(command)} --help`);
}

/** The message of commander, which repeats what was typed, without values that may be secrets. */
function withoutValues(message: string): string {
  const text = message.replace(/^error: /, "").replaceAll(/\n(?=\(Did you mean )/g, " ");
  const unknown = /^unknown (option|command) '([\s\S]*)'( \(Did you mean .*\?\))?$/.exec(text);
  if (unknown !== null) return `unknown ${unknown[1]} ${wordInMessage(unknown[2]!)}${unknown[3] ?? ""}`;
  const value = /^((?:option|command-argument) (?:'[^']*' argument|value)) '([\s\S]*)' (is invalid[^\n]*)$/.exec(text);
  if (value !== null) return `${value[1]} ${show(value[2])} ${value[3]}`;
  return text;
}

/** An option or command that does not exist: its name, without the value that may be attached to it. */
function wordInMessage(typed: string): string {
  const [name = ""] = typed.split("=", 1);
  if (/^-{0,2}[a-z][a-z-]{0,30}$/i.test(name)) return `'${name}'`;
  if (typed.startsWith("-----BEGIN ")) return `(${show(typed)}; in place of a file it stands behind --)`;
  const hint = name.startsWith("-") ? "; a value stands behind its option, after a blank or =" : "";
  return `(not repeated here: it may be a secret${hint})`;
}

/** The command with those it is part of, as it is typed. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
