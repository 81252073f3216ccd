import { type ConfigFile, findConfigFiles } from "./config-file.js";
import { type PortName, type SettingName, settingRows } from "./names.js";

/** A value, and where it is from. */
export interface Setting {
  readonly value: string;
  /** For messages: `--key`, `APNS_KEY`, or the key of a configuration file. */
  readonly from: string;
  /** 0 for an option, 1 for the environment, then the files: the smaller one counts. */
  readonly rank: number;
}

/** Options about the connection as they are parsed, by the names of the settings. */
export type SettingFlags = { readonly [Name in SettingName]?: string } & { readonly config?: string };

/** Everything known about where APNs is and who is sending, by precedence: options, environment, project's file, user's file. */
export class Settings {
  readonly #values: ReadonlyMap<SettingName, Setting>;
  readonly #files: readonly ConfigFile[];
  readonly #env: NodeJS.ProcessEnv;

  /** @throws {UsageError} if a configuration file is wrong */
  constructor(flags: SettingFlags, env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()) {
    this.#env = env;
    this.#files = findConfigFiles(flags.config ?? (env["APNS_CONFIG"] || undefined), env, cwd);
    const values = new Map<SettingName, Setting>();
    for (const { name, option, variable } of settingRows) {
      const found = [
        { value: flags[name], from: option },
        // An empty variable is one that was meant to be unset.
        { value: env[variable] || undefined, from: variable },
        ...this.#files.map((file) => ({ value: file.values[name], from: `"${name}" in ${file.path}` })),
      ]
        .map((entry, rank) => ({ ...entry, rank }))
        .find((entry) => entry.value !== undefined);
      if (found !== undefined) values.set(name, found as Setting);
    }
    this.#values = values;
  }

  get(name: SettingName): Setting | undefined {
    return this.#values.get(name);
  }

  value(name: SettingName): string | undefined {
    return this.#values.get(name)?.value;
  }

  /** The port of a service on a server of one's own, from a configuration file; only if the host is from there, too. */
  servicePort(name: PortName): number | undefined {
    const host = this.get("host");
    const file = this.#files[(host?.rank ?? -1) - 2];
    return file?.ports[name];
  }

  /** A variable that a setting names. */
  variable(name: string): string | undefined {
    return this.#env[name] || undefined;
  }
}
