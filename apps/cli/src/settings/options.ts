import { type Command, Option } from "commander";

/** What a command does with the settings, which decides about the options it has. */
export interface ConnectionOptionsNeeded {
  /** Whether it can authenticate by provider token; else by certificate only. */
  readonly token: boolean;
}

/** The options about where APNs is and who is sending; the same for every command that connects. */
export function addConnectionOptions(command: Command, { token }: ConnectionOptionsNeeded): Command {
  command
    .optionsGroup("Where to:")
    .addOption(new Option("--environment <name>", "Apple's servers").choices(["production", "development"]))
    .option("--host <name>", "a server of your own instead, such as the simulator")
    .option("--port <n>", "instead of the usual one")
    .option("--ca <file>", "trust this authority (PEM) instead of the system's")
    .option("--proxy <url>", "HTTP proxy to tunnel through, http://user:password@host:port")
    .optionsGroup("As whom:");
  if (token) {
    command
      .option("--key <file>", "signing key (.p8), for authentication by provider token")
      .option("--key-id <id>", "its id (default: from a file name AuthKey_ID.p8)")
      .option("--team-id <id>", "your team's id")
      .option("--topic <bundle-id>", "the app; the push type's suffix is added");
  }
  return command
    .option("--cert <file>", "push certificate (PEM), for authentication by certificate")
    .option("--cert-key <file>", "its private key (PEM; default: the same file)")
    .option("--p12 <file>", "certificate and key in one, as the Keychain exports them")
    .option("--passphrase-file <file>", "holds the passphrase of --p12 or --cert-key")
    .option("--passphrase-env <name>", "the variable that holds it (default: APNS_PASSPHRASE)")
    .option("--config <file>", "settings, instead of ./apns.json and ~/.config/apns/config.json");
}
