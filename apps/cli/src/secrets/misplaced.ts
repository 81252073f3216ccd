import { secretKind } from "@apns/core/internal";
import type { Argument, Command, Option } from "commander";
import { UsageError } from "../errors.js";

/** Options and arguments that may hold a key or token: they name a file, or are text for people. */
const secretsAllowed = new WeakSet<Option | Argument>();

/** Marks an option or argument as one that may hold a key, certificate or token; all others refuse them. */
export function takesSecrets<Kind extends Option | Argument>(option: Kind): Kind {
  secretsAllowed.add(option);
  return option;
}

/** The message about a key, certificate or token in a place for something else; `undefined` if the value is none. */
export function misplacedSecret(value: string): string | undefined {
  const kind = secretKind(value);
  if (kind === undefined) return undefined;
  return `this is text that looks like ${kind}, which does not belong here; keys and certificates are given by --key, --cert, --cert-key or --p12`;
}

/**
 * Refuses a key, certificate or token that stands in the wrong place of the command line, before it is sent anywhere, written
 * to a file or shown.
 * @throws {UsageError} naming the option or argument
 */
export function refuseMisplacedSecrets(command: Command): void {
  for (const option of command.options) refuseIn(option, option.long ?? option.flags, optionValue(command, option));
  for (const [index, argument] of command.registeredArguments.entries()) {
    refuseIn(argument, argument.name(), command.processedArgs[index]);
  }
}

function optionValue(command: Command, option: Option): unknown {
  return command.getOptionValue(option.attributeName());
}

function refuseIn(place: Option | Argument, name: string, given: unknown): void {
  if (secretsAllowed.has(place)) return;
  for (const value of [given].flat()) {
    const misplaced = typeof value === "string" ? misplacedSecret(value) : undefined;
    if (misplaced !== undefined) throw new UsageError(`${name}: ${misplaced}`);
  }
}
