import type { SenderOptions } from "../accept/sender.js";
import type { BridgeTlsOptions } from "../accept/tls.js";
import type { BridgeOptions } from "../options.js";
import type { AppOptions } from "../upstream/app-options.js";

/** `Value` with every optional key allowed to be `undefined`, as in a file that was read. */
type Loose<Value> = Value extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : Value extends object
    ? {
        readonly [Key in keyof Value]: object extends Pick<Value, Key>
          ? Loose<Value[Key]> | undefined
          : Loose<Value[Key]>;
      }
    : Value;

/** TLS settings; what are bytes in the options are paths of files here. */
export interface TlsConfig extends Loose<Omit<BridgeTlsOptions, "cert" | "key" | "pfx" | "passphrase" | "clientCa">> {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly pfx?: string | undefined;
  /** The environment variable that holds the passphrase: no secret stands in the file. */
  readonly passphraseEnv?: string | undefined;
  readonly clientCa?: string | readonly string[] | undefined;
}

export interface ListenerConfig {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly tls?: TlsConfig | undefined;
}

/** The way upstream of one app: over HTTP/2, with a provider token or a certificate. */
export interface UpstreamConfig {
  /** Apple's servers, or a server of your own. */
  readonly environment:
    | "production"
    | "development"
    | {
        readonly host: string;
        readonly port?: number | undefined;
        /** Path of a PEM. */
        readonly ca?: string | undefined;
        readonly servername?: string | undefined;
      };
  /** `key` is the path of the `.p8`. */
  readonly token?: { readonly key: string; readonly keyId: string; readonly teamId: string } | undefined;
  /** Paths of PEM files, or of a `.p12`. */
  readonly certificate?:
    | {
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
        readonly pfx?: string | undefined;
        readonly passphraseEnv?: string | undefined;
      }
    | undefined;
  readonly port?: number | undefined;
  readonly maxConnections?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly proxy?: string | undefined;
}

/** An app as the file has it. */
export interface AppConfig extends Loose<Omit<AppOptions, "transport" | "rules">>, Pick<Loose<BridgeOptions>, "rules"> {
  readonly upstream: UpstreamConfig;
}

type PlainOptions =
  | "rules"
  | "window"
  | "resends"
  | "unlistedSenders"
  | "simpleFormat"
  | "frames"
  | "errorLingerMs"
  | "feedbackTokens"
  | "limits";

/** The content of a configuration file. Paths are as they were written there. */
export interface BridgeConfig extends Pick<Loose<BridgeOptions>, PlainOptions> {
  readonly gateway?: ListenerConfig | readonly ListenerConfig[] | undefined;
  readonly feedback?: ListenerConfig | readonly ListenerConfig[] | undefined;
  /** The address of health, metrics and the report. */
  readonly operations?:
    | {
        readonly host?: string | undefined;
        readonly port: number;
        readonly allowedHosts?: readonly string[] | undefined;
      }
    | undefined;
  readonly tls: TlsConfig;
  /** The directory of the feedback list, the hold and the report. */
  readonly store: string;
  /**
   * Limits, per app, of what is held on disk until upstream takes it; `"off"` holds nothing. @default 1,000,000 notifications,
   * 1 GiB
   */
  readonly hold?:
    | "off"
    | { readonly maxNotifications?: number | undefined; readonly maxBytes?: number | undefined }
    | undefined;
  readonly apps: readonly AppConfig[];
  readonly senders: readonly Loose<SenderOptions>[];
  /**
   * A file that gets a line of JSON for each notification that was not simply accepted; with `payload` also what is needed to send it
   * again.
   */
  readonly audit?: string | { readonly file: string; readonly payload?: boolean | undefined } | undefined;
  readonly logLevel?: "debug" | "info" | "warn" | "error" | undefined;
  /** How long a graceful end may take, in milliseconds. @default 10_000 */
  readonly drainTimeoutMs?: number | undefined;
}
