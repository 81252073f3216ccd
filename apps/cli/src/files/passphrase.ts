import type { Command } from "commander";
import { addHelpBelow } from "../make-command.js";
import { resolvePassphrase } from "../settings/credentials.js";
import { configOption, givenFilesHelp } from "../settings/options.js";
import { type SettingFlags, Settings } from "../settings/settings.js";
import { noVariable, readPassphraseFile } from "./passphrase-file.js";

/** The options by which a passphrase is given: never as an argument, which every user of the machine can see. */
export function addPassphraseOptions(command: Command): Command {
  command
    .option("--passphrase-file <file>", "holds the passphrase of what is read; - is stdin")
    .option("--passphrase-env <name>", "the variable that holds it (default: APNS_PASSPHRASE)")
    .addOption(configOption());
  return addHelpBelow(command, givenFilesHelp);
}

export type PassphraseFlags = Pick<SettingFlags, "passphraseFile" | "passphraseEnv" | "config">;

/** The passphrase of what is read, by option, variable or configuration; undefined if none is given. */
export async function readPassphrase(flags: PassphraseFlags): Promise<string | undefined> {
  const { passphraseFile, passphraseEnv, config } = flags;
  return resolvePassphrase(
    await Settings.read({
      ...(passphraseFile === undefined ? {} : { passphraseFile }),
      ...(passphraseEnv === undefined ? {} : { passphraseEnv }),
      ...(config === undefined ? {} : { config }),
    }),
  );
}

export interface OutPassphraseFlags {
  readonly outPassphraseFile?: string;
  readonly outPassphraseEnv?: string;
}

/** The same for what is written. */
export function addOutPassphraseOptions(command: Command): Command {
  return command
    .option("--out-passphrase-file <file>", "holds the passphrase for what is written; - is stdin")
    .option("--out-passphrase-env <name>", "the variable that holds it (default: APNS_OUT_PASSPHRASE)");
}

/** The passphrase for what is written; undefined if none is given. */
export async function readOutPassphrase(flags: OutPassphraseFlags): Promise<string | undefined> {
  const { outPassphraseFile: file, outPassphraseEnv: variable } = flags;
  if (file !== undefined) {
    return readPassphraseFile({ value: file, from: "--out-passphrase-file" }, "APNS_OUT_PASSPHRASE");
  }
  // An empty variable is one that was meant to be unset.
  const passphrase = process.env[variable ?? "APNS_OUT_PASSPHRASE"] || undefined;
  if (variable === undefined || passphrase !== undefined) return passphrase;
  throw noVariable("--out-passphrase-env", "APNS_OUT_PASSPHRASE");
}
