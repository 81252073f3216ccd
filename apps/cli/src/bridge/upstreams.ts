import { createHash } from "node:crypto";
import { type AppConfig, FileReader } from "@apns/bridge/config";
import { type CloseOptions, InvalidArgumentError, type Transport } from "@apns/core";
import { showPath } from "@apns/core/internal";
import { readIdentity, readPrivateKey } from "@apns/credentials";
import { Http2Transport, type Http2TransportOptions } from "@apns/http2";
import { isDer } from "../files/signing-key.js";
import { readBridgeFile } from "./given-files.js";

/**
 * The transports of the apps. Apps that reach APNs in the same way, with the same credentials, share one, and so do the
 * same apps before and after a reload: their connections live on.
 */
export class Upstreams {
  readonly #folder: string;
  #inUse = new Map<string, Transport>();
  #wanted = new Map<string, Transport>();

  /** @param folder where relative paths start */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param index of the app in the file, for messages
   * @throws {InvalidArgumentError} naming the setting
   */
  transportFor(app: AppConfig, index: number): Transport {
    const field = `apps[${index}].upstream`;
    try {
      return this.#transportFor(this.#options(app, field));
    } catch (error) {
      if (error instanceof InvalidArgumentError && error.field.startsWith(field)) throw error;
      // Other errors are about credentials or options, without their place in the file.
      throw new InvalidArgumentError(field, (error as Error).message, { cause: error });
    }
  }

  /** All apps have been asked for: what none of them uses any more is to be closed by the caller. */
  commit(): readonly Transport[] {
    const kept = new Set(this.#wanted.values());
    const unused = [...this.#inUse.values()].filter((transport) => !kept.has(transport));
    this.#inUse = this.#wanted;
    this.#wanted = new Map();
    return unused;
  }

  /** The configuration asked for was wrong. */
  async rollBack(): Promise<void> {
    const kept = new Set(this.#inUse.values());
    const made = [...this.#wanted.values()].filter((transport) => !kept.has(transport));
    this.#wanted = new Map();
    await Promise.all(made.map((transport) => transport.close()));
  }

  async close(options: CloseOptions): Promise<void> {
    await Promise.all([...this.#inUse.values()].map((transport) => transport.close(options)));
  }

  #transportFor(options: Http2TransportOptions): Transport {
    // A digest, because what it is made of holds keys.
    const identity = createHash("sha256").update(JSON.stringify(options)).digest("hex");
    const transport = this.#wanted.get(identity) ?? this.#inUse.get(identity) ?? new Http2Transport(options);
    this.#wanted.set(identity, transport);
    return transport;
  }

  #options({ upstream }: AppConfig, field: string): Http2TransportOptions {
    const files = new FileReader(this.#folder, readBridgeFile);
    const { environment, token, certificate, port, maxConnections, timeoutMs, proxy } = upstream;
    return {
      environment: typeof environment === "string" ? environment : this.#endpoint(environment, field, files),
      auth:
        token === undefined
          ? { type: "certificate", ...this.#identity(certificate ?? {}, `${field}.certificate`, files) }
          : {
              type: "token",
              key: this.#signingKey(token.key, `${field}.token.key`, files),
              keyId: token.keyId,
              teamId: token.teamId,
            },
      ...(port === undefined ? {} : { port }),
      ...(maxConnections === undefined ? {} : { maxConnections }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(proxy === undefined ? {} : { proxy }),
    };
  }

  #signingKey(path: string, field: string, files: FileReader): string {
    const content = files.read(field, path);
    return isDer(content) ? readPrivateKey({ name: showPath(path), content }) : content.toString("latin1");
  }

  #endpoint(
    { host, port, ca, servername }: Exclude<AppConfig["upstream"]["environment"], string>,
    field: string,
    files: FileReader,
  ): Http2TransportOptions["environment"] {
    return {
      host,
      ...(port === undefined ? {} : { port }),
      ...(ca === undefined ? {} : { ca: files.read(`${field}.environment.ca`, ca).toString("utf8") }),
      ...(servername === undefined ? {} : { servername }),
    };
  }

  /** Whatever Apple's portal or Keychain gave: PEM, or a .p12 that OpenSSL 3 would refuse. */
  #identity(
    { cert, key, pfx, passphraseEnv }: NonNullable<AppConfig["upstream"]["certificate"]>,
    field: string,
    files: FileReader,
  ): { readonly cert: string; readonly key: string } {
    const passphrase = files.secret(`${field}.passphraseEnv`, passphraseEnv);
    const named = Object.entries({ cert, key, pfx }).flatMap(([name, path]) =>
      path === undefined ? [] : [{ name: showPath(path), content: files.read(`${field}.${name}`, path) }],
    );
    if (named.length === 0) throw new InvalidArgumentError(field, "names no file; give pfx, or cert and key.");
    return readIdentity(named, passphrase === undefined ? {} : { passphrase });
  }
}
