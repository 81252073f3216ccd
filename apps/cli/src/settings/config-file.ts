import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { closest } from "../closest.js";
import { UsageError } from "../errors.js";
import { reasonOf } from "../input.js";
import { type PortName, portNames, type SettingName, settingRows } from "./names.js";

export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Partial<Record<SettingName, string>>>;
  readonly ports: Readonly<Partial<Record<PortName, number>>>;
}

/** The name of a project's file. */
const projectFileName = "apns.json";

/** A configuration of more than this is none. */
const maxBytes = 1_048_576;

/**
 * The files that count, most important first: the one named; else the project's (`apns.json` in this folder or the nearest
 * one above that has it), then the user's.
 * @throws {UsageError} if a file cannot be read or holds what does not belong there
 */
export function findConfigFiles(named: string | undefined, env: NodeJS.ProcessEnv, cwd: string): ConfigFile[] {
  if (named !== undefined) return [readConfigFile(resolve(cwd, named), named)];
  const base = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  const paths = [findUpwards(cwd), join(base, "apns", "config.json")];
  return paths.filter((path) => path !== undefined && existsSync(path)).map((path) => readConfigFile(path!, path!));
}

function findUpwards(folder: string): string | undefined {
  const path = join(folder, projectFileName);
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : findUpwards(parent);
}

function readConfigFile(path: string, shown: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`configuration: ${reasonOf(error)}`);
  }
  if (text.length > maxBytes) throw new UsageError(`configuration ${shown}: more than a megabyte is no configuration`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`configuration ${shown} is not JSON: ${withoutText((error as Error).message)}`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UsageError(`configuration ${shown}: must be a JSON object`);
  }
  const { ports, ...settings } = content as Record<string, unknown>;
  return { path, values: readValues(settings, shown, dirname(path)), ports: readPorts(ports, shown) };
}

/** Node's message quotes what it could not parse, and that may be a secret. */
function withoutText(message: string): string {
  return /position \d+( \(line \d+ column \d+\))?/.exec(message)?.[0] ?? "it ends too early, or holds something else";
}

function readValues(
  settings: Readonly<Record<string, unknown>>,
  shown: string,
  folder: string,
): Partial<Record<SettingName, string>> {
  const values: Partial<Record<SettingName, string>> = {};
  for (const [name, value] of Object.entries(settings)) {
    const row = settingRows.find((entry) => entry.name === name);
    if (row === undefined) throw new UsageError(`configuration ${shown}: ${unknownSetting(name)}`);
    if (typeof value !== "string" && typeof value !== "number") {
      throw new UsageError(`configuration ${shown}: "${name}" must be a text`);
    }
    values[row.name] = row.isFile ? resolve(folder, String(value)) : String(value);
  }
  return values;
}

function unknownSetting(name: string): string {
  if (name === "passphrase") {
    return '"passphrase" does not belong into a file that is shared: name a file by "passphraseFile" or a variable by "passphraseEnv"';
  }
  const names = [...settingRows.map((row) => row.name), "ports"];
  const meant = closest(name, names);
  return `there is no setting "${name}"; ${meant === undefined ? `there are ${names.join(", ")}` : `did you mean "${meant}"?`}`;
}

function readPorts(ports: unknown, shown: string): Partial<Record<PortName, number>> {
  if (ports === undefined) return {};
  const entries =
    typeof ports === "object" && ports !== null
      ? (Object.entries(ports) as [string, unknown][])
      : ([["ports", ports]] as [string, unknown][]);
  for (const [name, port] of entries) {
    const known = (portNames as readonly string[]).includes(name);
    if (known && isPort(port)) continue;
    throw new UsageError(
      `configuration ${shown}: "ports" takes ${portNames.join(", ")}, each a number from 1 to 65535; not "${name}": ${JSON.stringify(port)}`,
    );
  }
  return ports as Partial<Record<PortName, number>>;
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
