import type { Command } from "commander";
import { credentialsError } from "../errors.js";
import { readInput } from "../input.js";
import { resolvePassphrase } from "../settings/credentials.js";
import { type SettingFlags, Settings } from "../settings/settings.js";

/** The options by which a passphrase is given: never as an argument, which every user of the machine can see. */
export function addPassphraseOptions(command: Command): Command {
  return command
    .option("--passphrase-file <file>", "holds the passphrase of what is read")
    .option("--passphrase-env <name>", "the variable that holds it (default: APNS_PASSPHRASE)")
    .option("--config <file>", "settings, instead of ./apns.json and ~/.config/apns/config.json");
}

export type PassphraseFlags = Pick<SettingFlags, "passphraseFile" | "passphraseEnv" | "config">;

/** The passphrase of what is read, by option, variable or configuration; undefined if none is given. */
export function readPassphrase(flags: PassphraseFlags): string | undefined {
  const { passphraseFile, passphraseEnv, config } = flags;
  return resolvePassphrase(
    new Settings({
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
    .option("--out-passphrase-file <file>", "holds the passphrase for what is written")
    .option("--out-passphrase-env <name>", "the variable that holds it (default: APNS_OUT_PASSPHRASE)");
}

/** The passphrase for what is written; undefined if none is given. */
export async function readOutPassphrase(flags: OutPassphraseFlags): Promise<string | undefined> {
  const { outPassphraseFile: file, outPassphraseEnv: variable } = flags;
  // One line end is the editor's, not the passphrase's.
  if (file !== undefined) return (await readInput("--out-passphrase-file", file)).replace(/\r?\n$/, "");
  // An empty variable is one that was meant to be unset.
  const passphrase = process.env[variable ?? "APNS_OUT_PASSPHRASE"] || undefined;
  if (variable === undefined || passphrase !== undefined) return passphrase;
  throw credentialsError(`--out-passphrase-env: the variable ${variable} is not set, or empty`);
}
