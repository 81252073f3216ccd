import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, type Transport } from "@apns/core";
import { showPath } from "@apns/core/internal";
import type { BridgeTlsOptions } from "../accept/tls.js";
import type { BridgeOptions, ListenerOptions } from "../options.js";
import type { AppOptions } from "../upstream/app-options.js";
import type { AppConfig, ListenerConfig, TlsConfig } from "./bridge-config.js";
import type { ConfigFile } from "./parse-config.js";

/** The options that a file cannot hold. */
export interface ConfigSurroundings
  extends Pick<
    BridgeOptions,
    "feedbackStore" | "holdStore" | "reportStore" | "readCertificate" | "log" | "onRejected" | "clock"
  > {
  /** The folder that paths in the file start from. */
  readonly folder: string;
  /**
   * Reads a file that the configuration names; may take what else is given in place of a path. It throws
   * `InvalidArgumentError`. @default `readFileSync`
   */
  readonly readFile?: ReadConfigFile | undefined;
  /** The transport of an app. */
  readonly transportFor: (app: AppConfig) => Transport;
}

/**
 * The options that a configuration file stands for. Reads the certificates and keys it names, once.
 * @throws {ConfigError} if one of them cannot be read
 */
export function toBridgeOptions(file: ConfigFile, surroundings: ConfigSurroundings): BridgeOptions {
  const { config } = file;
  const { folder, transportFor, readFile, ...others } = surroundings;
  const files = new FileReader(folder, readFile);
  try {
    return {
      ...others,
      ...defined({
        rules: config.rules,
        window: config.window,
        resends: config.resends && defined(config.resends),
        unlistedSenders: config.unlistedSenders,
        simpleFormat: config.simpleFormat,
        frames: config.frames && defined(config.frames),
        errorLingerMs: config.errorLingerMs,
        feedbackTokens: config.feedbackTokens,
        limits: config.limits && defined(config.limits),
      }),
      gateway: [config.gateway ?? {}].flat().map((one, index) => listenerOf(one, `gateway[${index}]`, files)),
      feedback: [config.feedback ?? {}].flat().map((one, index) => listenerOf(one, `feedback[${index}]`, files)),
      tls: tlsOf(config.tls, "tls", files),
      apps: config.apps.map((app) => {
        const { upstream: _, ...options } = app;
        return { ...defined(options), transport: transportFor(app) } as AppOptions;
      }),
      senders: config.senders.map((sender) => ({ ...defined(sender), match: defined(sender.match) })),
    };
  } catch (error) {
    throw file.locate(error);
  }
}

/** @throws {InvalidArgumentError} naming the field, without repeating what may be a secret */
export type ReadConfigFile = (field: string, path: string, folder: string) => Buffer;

const readFromDisk: ReadConfigFile = (field, path, folder) => {
  try {
    return readFileSync(resolve(folder, path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InvalidArgumentError(field, `${showPath(path)} cannot be read (${code}).`, { cause });
  }
};

/** Reads the files that a configuration names. */
export class FileReader {
  readonly #folder: string;
  readonly #readFile: ReadConfigFile;

  constructor(folder: string, readFile: ReadConfigFile = readFromDisk) {
    this.#folder = folder;
    this.#readFile = readFile;
  }

  /** @throws {InvalidArgumentError} naming the setting; the message has the path, and nothing of the content */
  read(field: string, path: string): Buffer {
    return this.#readFile(field, path, this.#folder);
  }

  /** The value of an environment variable. */
  secret(field: string, name: string | undefined): string | undefined {
    if (name === undefined) return undefined;
    const value = process.env[name];
    if (value !== undefined) return value;
    const problem =
      "names an environment variable that is not set (not repeated here: it may be the passphrase itself).";
    throw new InvalidArgumentError(field, problem);
  }
}

function listenerOf({ host, port, tls }: ListenerConfig, field: string, files: FileReader): ListenerOptions {
  return defined({ host, port, tls: tls && tlsOf(tls, `${field}.tls`, files) });
}

function tlsOf(tls: TlsConfig, field: string, files: FileReader): BridgeTlsOptions {
  const { cert, key, pfx, passphraseEnv, clientCa, ...plain } = tls;
  const read = (name: string, path: string | undefined) =>
    path === undefined ? undefined : files.read(`${field}.${name}`, path);
  return defined({
    ...plain,
    cert: read("cert", cert),
    key: read("key", key),
    pfx: read("pfx", pfx),
    passphrase: files.secret(`${field}.passphraseEnv`, passphraseEnv),
    clientCa: clientCa && [clientCa].flat().map((path) => files.read(`${field}.clientCa`, path)),
  }) as BridgeTlsOptions;
}

/** Without the keys that were left out: options tell "absent" from "undefined". */
function defined<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof Value]: Exclude<Value[Key], undefined>;
  };
}
