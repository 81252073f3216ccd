import { UsageError } from "../errors.js";
import { type FileContent, readGivenFile } from "../files/given-file.js";
import { misplacedSecret } from "../secrets/misplaced.js";
import { type ConfigFile, findConfigFiles } from "./config-file.js";
import { type PortName, type SettingName, settingRows } from "./names.js";
import type { Setting } from "./setting.js";

/** Options about the connection as they are parsed, by the names of the settings. */
export type SettingFlags = { readonly [Name in SettingName]?: string } & { readonly config?: string };

/** Everything known about where APNs is and who is sending, by precedence: options, environment, project's file, user's file. */
export class Settings {
  readonly #values: ReadonlyMap<SettingName, Setting>;
  readonly #files: readonly ConfigFile[];
  readonly #env: NodeJS.ProcessEnv;
  /** Read once: stdin cannot be read again. */
  readonly #contents = new Map<SettingName, Promise<FileContent>>();

  /** @throws {UsageError} if a configuration file is wrong, or a setting holds a key that belongs into another one */
  static async read(
    flags: SettingFlags,
    env: NodeJS.ProcessEnv = process.env,
    cwd: string = process.cwd(),
  ): Promise<Settings> {
    return new Settings(flags, env, await findConfigFiles(flags.config, env, cwd));
  }

  private constructor(flags: SettingFlags, env: NodeJS.ProcessEnv, files: readonly ConfigFile[]) {
    this.#env = env;
    this.#files = files;
    const values = new Map<SettingName, Setting>();
    for (const { name, option, variable, isFile } of settingRows) {
      const found = [
        { value: flags[name], from: option, source: "option" },
        // An empty variable is one that was meant to be unset.
        { value: env[variable] || undefined, from: variable, source: "variable" },
        ...files.map((file) => ({ value: file.values[name], ...placeIn(file, name) })),
      ]
        .map((entry, rank) => ({ ...entry, rank }))
        .find((entry) => entry.value !== undefined) as Setting | undefined;
      if (found === undefined) continue;
      const misplaced = isFile ? undefined : misplacedSecret(found.value);
      if (misplaced !== undefined) throw new UsageError(`${found.from}: ${misplaced}`);
      values.set(name, found);
    }
    this.#values = values;
  }

  get(name: SettingName): Setting | undefined {
    return this.#values.get(name);
  }

  value(name: SettingName): string | undefined {
    return this.#values.get(name)?.value;
  }

  /**
   * The content of the file that a setting names, or the content that the setting holds; `undefined` without the setting.
   * @throws {UnreadableFileError} naming where the file was named
   */
  async content(name: SettingName): Promise<FileContent | undefined> {
    const given = this.get(name);
    if (given === undefined) return undefined;
    const known = this.#contents.get(name);
    if (known !== undefined) return known;
    const content = readGivenFile(given);
    this.#contents.set(name, content);
    return content;
  }

  /** The port of a service on a server of one's own, from a configuration file; only if the host is from there, too. */
  servicePort(name: PortName): Setting | undefined {
    const { rank = 0 } = this.get("host") ?? {};
    const file = this.#files[rank - 2];
    const port = file?.ports[name];
    return file === undefined || port === undefined
      ? undefined
      : { value: String(port), ...placeIn(file, "ports"), rank };
  }

  /** A variable that a setting names. */
  variable(name: string): string | undefined {
    return this.#env[name] || undefined;
  }
}

function placeIn({ shown, folder, source }: ConfigFile, name: string): Omit<Setting, "value" | "rank"> {
  return { from: `"${name}" in ${shown}`, folder, source };
}
