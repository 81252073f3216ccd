/** A setting: what reaches APNs, and as whom. Each can come from an option, the environment or a configuration file. */
interface SettingRow {
  /** The name in configuration files, and of the parsed option. */
  readonly name: SettingName;
  readonly option: string;
  readonly variable: string;
  /** Whether it names a file; one in a configuration file is looked for beside that file. */
  readonly isFile: boolean;
}

function row(name: SettingName, isFile = false): SettingRow {
  const words = name.replace(/[A-Z0-9]+/g, (found) => (/\d/.test(found) ? found : `-${found.toLowerCase()}`));
  return { name, option: `--${words}`, variable: `APNS_${words.replaceAll("-", "_").toUpperCase()}`, isFile };
}

/** Every setting there is. */
export const settingRows: readonly SettingRow[] = [
  row("environment"),
  row("host"),
  row("port"),
  row("ca", true),
  row("proxy"),
  row("proxyPasswordFile", true),
  row("topic"),
  row("key", true),
  row("keyId"),
  row("teamId"),
  row("cert", true),
  row("certKey", true),
  row("p12", true),
  row("passphraseFile", true),
  row("passphraseEnv"),
];

export type SettingName =
  | "environment"
  | "host"
  | "port"
  | "ca"
  | "proxy"
  | "proxyPasswordFile"
  | "topic"
  | "key"
  | "keyId"
  | "teamId"
  | "cert"
  | "certKey"
  | "p12"
  | "passphraseFile"
  | "passphraseEnv";

/** Services on a server of one's own, whose ports configuration files can name. */
export type PortName = "http2" | "gateway" | "feedback" | "channels";

export const portNames: readonly PortName[] = ["http2", "gateway", "feedback", "channels"];
