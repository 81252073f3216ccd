import { type Command, Option } from "commander";
import { addHelpBelow } from "../make-command.js";
import { takesSecrets } from "../secrets/misplaced.js";

/** How a command uses the settings, which decides about its options. */
export interface ConnectionOptionsNeeded {
  /** Whether it can authenticate by provider token; else by certificate only. */
  readonly token: boolean;
}

/** `--config`. */
export function configOption(): Option {
  return takesSecrets(new Option("--config <file>", "settings, instead of ./apns.json and ~/.config/apns/config.json"));
}

/** Part of the help of every command that reads keys, certificates or payloads. */
export const givenFilesHelp = `Wherever a <file> is read, its path will do, what it holds, base64 of that (of a .p8 also the lines between BEGIN and END),
or - for stdin; of a passphrase, its file or - only. Other users of this machine can read command lines.`;

const trustHelp = `An apns.json that was only found, in this folder or above, names no server for keys and certificates that it does not bring
along: say that you trust it by --config apns.json. Options, variables, a file that is named and your own come before it.`;

/** The options about where APNs is and who is sending; the same for every command that connects. */
export function addConnectionOptions(command: Command, { token }: ConnectionOptionsNeeded): Command {
  command
    .optionsGroup("Where to:")
    .addOption(new Option("--environment <name>", "Apple's servers").choices(["production", "development"]))
    .option("--host <name>", "a server of your own instead, such as the simulator")
    .option("--port <n>", "instead of the usual one")
    .addOption(takesSecrets(new Option("--ca <file>", "trust this authority (PEM) instead of the system's")))
    .option("--proxy <url>", "proxy to tunnel through: http, https, socks5 or socks4a://user@host:port")
    .option("--proxy-password-file <file>", "holds the password of --proxy (else APNS_PROXY_PASSWORD); - is stdin")
    .optionsGroup("As whom:");
  if (token) {
    command
      .addOption(takesSecrets(new Option("--key <file>", "signing key (.p8), for authentication by provider token")))
      .option("--key-id <id>", "its id (default: from a file name AuthKey_ID.p8)")
      .option("--team-id <id>", "your team's id")
      .option("--topic <bundle-id>", "the app; the push type's suffix is added");
  }
  command
    .addOption(takesSecrets(new Option("--cert <file>", "push certificate (PEM), for authentication by certificate")))
    .addOption(takesSecrets(new Option("--cert-key <file>", "its private key (PEM; default: the same file)")))
    .addOption(takesSecrets(new Option("--p12 <file>", "certificate and key in one, as the Keychain exports them")))
    .option("--passphrase-file <file>", "holds the passphrase of --p12 or --cert-key; - is stdin")
    .option("--passphrase-env <name>", "the variable that holds it (default: APNS_PASSPHRASE)")
    .addOption(configOption());
  return addHelpBelow(addHelpBelow(command, givenFilesHelp), trustHelp);
}
