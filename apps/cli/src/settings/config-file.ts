import { statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { show, showPath } from "@apns/core/internal";
import { closest } from "../closest.js";
import { UntrustedError, UsageError } from "../errors.js";
import { type GivenFile, readGivenJson } from "../files/given-file.js";
import { type PortName, portNames, type SettingName, settingRows } from "./names.js";
import type { Source } from "./setting.js";

export interface ConfigFile {
  /** How messages call it: its path, or the option that held it. */
  readonly shown: string;
  /** Where the paths in it start. */
  readonly folder: string;
  readonly source: Source;
  readonly values: Readonly<Partial<Record<SettingName, string>>>;
  readonly ports: Readonly<Partial<Record<PortName, number>>>;
}

/** The name of a project's file. */
const projectFileName = "apns.json";

/**
 * The files that count, most important first: the one named by option or `APNS_CONFIG`; else the project's (`apns.json` in
 * this folder or the nearest one above that has it), then the user's.
 * @throws {UsageError} if a file cannot be read or holds what does not belong there, or if one above is another user's
 */
export async function findConfigFiles(
  option: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<ConfigFile[]> {
  const variable = env["APNS_CONFIG"] || undefined;
  const named = (value: string, from: string): Promise<ConfigFile> =>
    readConfigFile({ value, from, folder: cwd }, "named file");
  if (option !== undefined) return [await named(option, "--config")];
  if (variable !== undefined) return [await named(variable, "APNS_CONFIG")];
  const project = findUpwards(cwd);
  const source = project === join(cwd, projectFileName) ? "working folder" : "folder above";
  const user = userFile(env);
  return [
    ...(project === undefined ? [] : [await readConfigFile({ value: project, from: "configuration" }, source)]),
    ...(isFile(user) ? [await readConfigFile({ value: user, from: "configuration" }, "user's file")] : []),
  ];
}

/** A relative path would be taken from wherever the command is run; the XDG Base Directory Specification says to ignore it. */
function userFile(env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: base = "", HOME: home = "" } = env;
  const folder = isAbsolute(base) ? base : join(isAbsolute(home) ? home : homedir(), ".config");
  return join(folder, "apns", "config.json");
}

/** @throws {UntrustedError} if the nearest one above belongs to another user, as anybody can put one into a folder for everybody */
function findUpwards(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, projectFileName);
    if (isFile(path)) {
      if (folder !== cwd) assertOwn(path);
      return path;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function assertOwn(path: string): void {
  const owner = statSync(path).uid;
  // Windows has no such owners.
  const self = process.getuid?.() ?? owner;
  if (owner === self || owner === 0) return;
  throw new UntrustedError(
    `configuration ${showPath(path)}: it was found in a folder above this one, and belongs to another user; name it by --config if you trust it, else another one, or --config {}`,
  );
}

async function readConfigFile(given: GivenFile, source: Source): Promise<ConfigFile> {
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
  // Content that came by option or stdin has no folder of its own.
  const folder = path === undefined ? (given.folder ?? ".") : dirname(path);
  return { shown, folder, source, values: readValues(settings, shown), ports: readPorts(ports, shown) };
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
