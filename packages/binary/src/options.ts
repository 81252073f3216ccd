import type { SecureContext, SecureVersion } from "node:tls";
import {
  type CertificateAuth,
  type Environment,
  InvalidArgumentError,
  type ResolvedEndpoint,
  resolveEnvironment,
  type Service,
} from "@apns/core";
import {
  type CheckOptionsDetails,
  checkFlag,
  checkInteger,
  checkOneOf,
  checkOptions,
  checkText,
  maxTimerDelayMs,
  optionNames,
} from "@apns/core/internal";
import { certificateIdentity, type ProxyAddress, readTlsIdentity, resolveProxy, type TlsIdentity } from "@apns/net";
import type { ConnectionEnded } from "./connection/connection-ended.js";
import type { Format } from "./format.js";

/** How to reach one of Apple's legacy services, or a stand-in: common to gateway and feedback. */
export interface LegacyConnectOptions {
  /** Apple's servers, or an endpoint of your own (a simulator, a bridge). */
  readonly environment: Environment;
  /** The push certificate: the legacy wire has no other credentials. */
  readonly auth: CertificateAuth;
  /** The oldest TLS version to speak. Old gateways may need `"TLSv1"`, and `ciphers` of that age. @default "TLSv1.2" */
  readonly minVersion?: SecureVersion;
  /** OpenSSL's list of ciphers, such as `"DEFAULT:@SECLEVEL=0"` for TLS 1.0. @default Node's own */
  readonly ciphers?: string;
  /**
   * Accepts any server certificate: anyone on the path can then read and drop everything. For a server of your own give its
   * authority as `environment.ca` instead. @default false
   */
  readonly dangerouslySkipServerVerification?: boolean;
  /**
   * A proxy to tunnel through: `http://user:password@host:port`, or `https`, `socks5` or `socks4a` in place of `http`; or
   * `"environment"`, for what `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say when this is made. @default none
   */
  readonly proxy?: string | URL;
  /** How long one attempt to connect may take (DNS, TCP, proxy and TLS), in milliseconds. @default 10_000 */
  readonly connectTimeoutMs?: number;
}

/** Options of `BinaryTransport`. */
export interface BinaryTransportOptions extends LegacyConnectOptions {
  /** How notifications are framed. @default "enhanced" */
  readonly format?: Format;
  /** Refuse notifications with fields that the format would drop. @default false */
  readonly strict?: boolean;
  /** The largest payload, in bytes of UTF-8, up to 65,535. @default by push type: 4096 for `voip`, else 2048 */
  readonly maxPayloadBytes?: number;
  /** Prove acceptance by a barrier, or give up after `silenceMs` without an error response. @default "barrier" */
  readonly confirm?: "barrier" | "silence";
  /** How many notifications a connection takes before its barrier; 1 to 1,000,000. @default 10_000 */
  readonly reconnectEvery?: number;
  /** A barrier is sent when nothing was sent for so many milliseconds. @default 1000 */
  readonly confirmAfterIdleMs?: number;
  /** A barrier is sent when a notification has waited so many milliseconds for its verdict. @default 5000 */
  readonly confirmWithinMs?: number;
  /** How long the gateway may take to answer a barrier, in milliseconds. @default 10_000 */
  readonly barrierTimeoutMs?: number;
  /** For `confirm: "silence"`: how long to wait for an error response, in milliseconds. @default 3000 */
  readonly silenceMs?: number;
  /**
   * For `confirm: "silence"`: how many notifications may be waiting for theirs on a connection; more wait unsent.
   * @default 100_000
   */
  readonly sentWindow?: number;
  /**
   * Send again what may or may not have been accepted when a connection is lost. Devices may then get a notification
   * twice. @default false
   */
  readonly resendUnconfirmed?: boolean;
  /** How many connections write at the same time, 1 to 100. Those that wait for their barrier's answer come on top. @default 1 */
  readonly maxConnections?: number;
  /** How long a notification may take in all, queue and resends included, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
  /**
   * How many notifications may wait to be written; more are `unsent` at once.
   * @default 100_000, or the transport's `concurrency` if that is more
   */
  readonly maxQueued?: number;
  /** How long one write may take, in milliseconds, before the connection counts as lost: the gateway reads nothing. @default 10_000 */
  readonly writeTimeoutMs?: number;
  /** A connection without notifications is closed after so many milliseconds. @default 1_800_000 (30 minutes) */
  readonly idleTimeoutMs?: number;
  /**
   * How long the first connection is watched before it is used, in milliseconds: a gateway that refuses the certificate
   * closes it without an error response, and what was written by then is unconfirmed. 0 switches it off. @default 100
   */
  readonly settleAfterConnectMs?: number;
  /** After so many failures in a row, what is queued becomes `unsent`; attempts go on with the next send. @default 5 */
  readonly maxConnectFailures?: number;
  /** Called when a connection has ended, with what that proved. What it throws becomes a warning of the process. */
  readonly onConnectionEnded?: (event: ConnectionEnded) => void;
}

/** The names of `LegacyConnectOptions`. */
export const connectNames = {
  environment: true,
  auth: true,
  minVersion: true,
  ciphers: true,
  dangerouslySkipServerVerification: true,
  proxy: true,
  connectTimeoutMs: true,
} as const;
const transportOptionNames = optionNames<BinaryTransportOptions>({
  ...connectNames,
  format: true,
  strict: true,
  maxPayloadBytes: true,
  confirm: true,
  reconnectEvery: true,
  confirmAfterIdleMs: true,
  confirmWithinMs: true,
  barrierTimeoutMs: true,
  silenceMs: true,
  sentWindow: true,
  resendUnconfirmed: true,
  maxConnections: true,
  timeoutMs: true,
  maxQueued: true,
  writeTimeoutMs: true,
  idleTimeoutMs: true,
  settleAfterConnectMs: true,
  maxConnectFailures: true,
  onConnectionEnded: true,
});

const authHint = 'it belongs into auth: { type: "certificate", … }.';
/** Options of other libraries, and of the other wire. */
export const hints: NonNullable<CheckOptionsDetails["hints"]> = {
  production: 'write environment: "production" or "development".',
  host: "write environment: { host, port }.",
  gateway: "write environment: { host, port }.",
  port: "write environment: { host, port }.",
  ca: "write environment: { host, ca }.",
  cert: authHint,
  key: authHint,
  pfx: authHint,
  passphrase: authHint,
  topic: "the certificate decides on this wire.",
};

/** The options of one connection, checked. */
export interface ResolvedConnectOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly secureContext: SecureContext;
  readonly verifyServer: boolean;
  readonly proxy: ProxyAddress | undefined;
  readonly connectTimeoutMs: number;
}

export interface ResolvedBinaryTransportOptions extends ResolvedConnectOptions {
  readonly format: Format;
  readonly strict: boolean;
  readonly maxPayloadBytes: number | undefined;
  readonly confirm: "barrier" | "silence";
  readonly reconnectEvery: number;
  readonly confirmAfterIdleMs: number;
  readonly confirmWithinMs: number;
  readonly barrierTimeoutMs: number;
  readonly silenceMs: number;
  readonly sentWindow: number;
  readonly resendUnconfirmed: boolean;
  readonly maxConnections: number;
  readonly timeoutMs: number;
  readonly maxQueued: number | undefined;
  readonly writeTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly settleAfterConnectMs: number;
  readonly maxConnectFailures: number;
  readonly onConnectionEnded: ((event: ConnectionEnded) => void) | undefined;
}

/**
 * Checks the options and fills in the defaults.
 * @throws {InvalidArgumentError} naming the option
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if certificate, key or passphrase cannot be used
 */
export function resolveBinaryTransportOptions(options: BinaryTransportOptions): ResolvedBinaryTransportOptions {
  checkOptions("BinaryTransport", options, transportOptionNames, { hints });
  const milliseconds = (name: keyof BinaryTransportOptions, usual: number, min = 1): number =>
    checkInteger(name, options[name] ?? usual, min, maxTimerDelayMs);
  const count = (name: keyof BinaryTransportOptions, usual: number, max?: number): number =>
    checkInteger(name, options[name] ?? usual, 1, max);
  return {
    ...resolveConnectOptions(options, "gateway"),
    format: checkOneOf("format", options.format ?? "enhanced", ["simple", "enhanced", "framed"]),
    strict: checkFlag("strict", options.strict),
    maxPayloadBytes: options.maxPayloadBytes === undefined ? undefined : count("maxPayloadBytes", 0, 0xffff),
    confirm: checkOneOf("confirm", options.confirm ?? "barrier", ["barrier", "silence"]),
    reconnectEvery: count("reconnectEvery", 10_000, 1_000_000),
    confirmAfterIdleMs: milliseconds("confirmAfterIdleMs", 1000),
    confirmWithinMs: milliseconds("confirmWithinMs", 5000),
    barrierTimeoutMs: milliseconds("barrierTimeoutMs", 10_000),
    silenceMs: milliseconds("silenceMs", 3000),
    sentWindow: count("sentWindow", 100_000, 10_000_000),
    resendUnconfirmed: checkFlag("resendUnconfirmed", options.resendUnconfirmed),
    maxConnections: count("maxConnections", 1, 100),
    timeoutMs: milliseconds("timeoutMs", 30_000),
    maxQueued: options.maxQueued === undefined ? undefined : count("maxQueued", 0),
    writeTimeoutMs: milliseconds("writeTimeoutMs", 10_000),
    idleTimeoutMs: milliseconds("idleTimeoutMs", 1_800_000),
    settleAfterConnectMs: milliseconds("settleAfterConnectMs", 100, 0),
    maxConnectFailures: count("maxConnectFailures", 5),
    onConnectionEnded: options.onConnectionEnded,
  };
}

/** The part of the options that gateway and feedback share, checked. Reads the certificate, opens nothing. */
export function resolveConnectOptions(options: LegacyConnectOptions, service: Service): ResolvedConnectOptions {
  const endpoint = resolveEnvironment(options.environment, service);
  return {
    endpoint,
    secureContext: secureContext(options, endpoint),
    verifyServer: !checkFlag("dangerouslySkipServerVerification", options.dangerouslySkipServerVerification),
    proxy: resolveProxy(options.proxy, endpoint),
    connectTimeoutMs: checkInteger("connectTimeoutMs", options.connectTimeoutMs ?? 10_000, 1, maxTimerDelayMs),
  };
}

function secureContext(options: LegacyConnectOptions, { ca }: ResolvedEndpoint): SecureContext {
  const { auth, minVersion = "TLSv1.2", ciphers } = options;
  checkOneOf("minVersion", minVersion, ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]);
  if (ciphers !== undefined) checkText("ciphers", ciphers);
  return readTlsIdentity({ ...certificateOf(auth), ca, ciphers, minVersion }, "auth.");
}

function certificateOf(auth: CertificateAuth | undefined): TlsIdentity {
  if (auth?.type === "certificate") return certificateIdentity(auth);
  throw new InvalidArgumentError(
    "auth",
    'is neither { type: "certificate", cert, key } nor { type: "certificate", pfx, passphrase }: the legacy wire knows a sender by its certificate only.',
  );
}
