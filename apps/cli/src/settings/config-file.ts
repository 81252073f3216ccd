import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { show } from "@apns/core";
import { closest } from "../closest.js";
import { UsageError } from "../errors.js";
import { type GivenFile, readGivenJson } from "../files/given-file.js";
import { type PortName, portNames, type SettingName, settingRows } from "./names.js";

export interface ConfigFile {
  /** How messages call it: its path, or the option that held it. */
  readonly shown: string;
  /** Where the paths in it start. */
  readonly folder: string;
  readonly values: Readonly<Partial<Record<SettingName, string>>>;
  readonly ports: Readonly<Partial<Record<PortName, number>>>;
}

/** The name of a project's file. */
const projectFileName = "apns.json";

/**
 * The files that count, most important first: the one named by option or `APNS_CONFIG`; else the project's (`apns.json` in this folder or the nearest
 * one above that has it), then the user's.
 * @throws {UsageError} if a file cannot be read or holds what does not belong there
 */
export async function findConfigFiles(
  option: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<ConfigFile[]> {
  const variable = env["APNS_CONFIG"] || undefined;
  if (option !== undefined) return [await readConfigFile({ value: option, from: "--config", folder: cwd })];
  if (variable !== undefined) return [await readConfigFile({ value: variable, from: "APNS_CONFIG", folder: cwd })];
  const base = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  const paths = [findUpwards(cwd), join(base, "apns", "config.json")];
  const found = paths.filter((path) => path !== undefined && existsSync(path)) as string[];
  return Promise.all(found.map((path) => readConfigFile({ value: path, from: "configuration" })));
}

function findUpwards(folder: string): string | undefined {
  const path = join(folder, projectFileName);
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : findUpwards(parent);
}

async function readConfigFile(given: GivenFile): Promise<ConfigFile> {
  const { name, path, text } = await readGivenJson(given);
  const shown = path === undefined ? given.from : name;
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
  // What came by option or stdin stands in no folder.
  const folder = path === undefined ? (given.folder ?? ".") : dirname(path);
  return { shown, folder, values: readValues(settings, shown), ports: readPorts(ports, shown) };
}

/** Node's message quotes what it could not parse, and that may be a secret. */
function withoutText(message: string): string {
  return /position \d+( \(line \d+ column \d+\))?/.exec(message)?.[0] ?? "it ends too early, or holds something else";
}

function readValues(settings: Readonly<Record<string, unknown>>, shown: string): Partial<Record<SettingName, string>> {
  const values: Partial<Record<SettingName, string>> = {};
  for (const [name, value] of Object.entries(settings)) {
    const row = settingRows.find((entry) => entry.name === name);
    if (row === undefined) throw new UsageError(`configuration ${shown}: ${unknownSetting(name)}`);
    if (typeof value !== "string" && typeof value !== "number") {
      throw new UsageError(`configuration ${shown}: "${name}" must be a text`);
    }
    values[row.name] = String(value);
  }
  return values;
}

function unknownSetting(name: string): string {
  if (name === "passphrase") {
    return '"passphrase" does not belong into a file that is shared: name a file by "passphraseFile" or a variable by "passphraseEnv"';
  }
  const names = [...settingRows.map((row) => row.name), "ports"];
  const meant = closest(name, names);
  return `there is no setting ${show(name)}; ${meant === undefined ? `there are ${names.join(", ")}` : `did you mean "${meant}"?`}`;
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
      `configuration ${shown}: "ports" takes ${portNames.join(", ")}, each a number from 1 to 65535; not ${show(name)}: ${show(port)}`,
    );
  }
  return ports as Partial<Record<PortName, number>>;
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
