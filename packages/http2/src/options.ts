import type { KeyObject } from "node:crypto";
import type { SecureContext } from "node:tls";
import {
  type CertificateAuth,
  type Clock,
  type Endpoint,
  type Environment,
  InvalidArgumentError,
  type ResolvedEndpoint,
  resolveEnvironment,
  systemClock,
} from "@apns/core";
import type { PushCertificateClaims } from "@apns/core/der";
import {
  type CheckOptionsDetails,
  checkFlag,
  checkInteger,
  checkOptions,
  maxTimerDelayMs,
  type OptionNames,
  optionNames,
  runCallback,
} from "@apns/core/internal";
import {
  certificateIdentity,
  type ProxyAddress,
  readOwnCertificate,
  readTlsIdentity,
  resolveProxy,
  type TlsIdentity,
} from "@apns/net";
import { type ProviderTokenStore, providerTokenAge } from "./auth/provider-token.js";
import { checkTenCharacters } from "./auth/sign-provider-token.js";
import { readSigningKey, type SigningKeyInput } from "./auth/signing-key.js";
import { checkExtraHeaders, type ExtraHeaders } from "./request-headers.js";

/** Authentication by provider token. */
export interface TokenAuth {
  readonly type: "token";
  /** The `.p8` signing key: its text, its bytes, or a KeyObject. */
  readonly key: SigningKeyInput;
  /** Ten characters; the `.p8` file's name holds it. */
  readonly keyId: string;
  /** Ten characters; your account page shows it. */
  readonly teamId: string;
  /** A token of this age is replaced, in milliseconds, 20 to 59 minutes. @default 3_000_000 (50 minutes) */
  readonly refreshAfterMs?: number;
  /** Shares one token between several processes. @default none: each signs its own, which APNs allows */
  readonly store?: ProviderTokenStore;
}

/** The address of APNs, the credentials, and the limits of requests and connections. */
export interface Http2ClientOptions {
  /** Apple's servers, or an endpoint of your own (a simulator). */
  readonly environment: Environment;
  readonly auth: TokenAuth | CertificateAuth;
  /** Instead of the environment's usual port; Apple also listens on 2197, for firewalls. */
  readonly port?: number;
  /** How long a request may take in all, waiting, connecting and resends included, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
  /** How long one attempt to connect may take (DNS, TCP, proxy, TLS, SETTINGS), in milliseconds. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** How long APNs may take to answer, from when the stream opens, in milliseconds. @default 20_000 */
  readonly requestTimeoutMs?: number;
  /** How long a request may wait for a stream, in milliseconds. @default `timeoutMs` */
  readonly queueTimeoutMs?: number;
  /** How many requests may wait for a stream; more are `unsent` at once. @default 100_000 */
  readonly maxQueued?: number;
  /**
   * How many connections are opened when all streams are taken, 1 to 100. Up to three that do not respond do not count: they
   * are kept beside the others until they answer or are given up. @default 4
   */
  readonly maxConnections?: number;
  /** A connection beyond the first is closed when it has been idle for so long, in milliseconds. @default 300_000 */
  readonly idleTimeoutMs?: number;
  /** A PING is sent when an answer is owed and nothing was heard for so long, in milliseconds. @default 5_000 */
  readonly pingAfterMs?: number;
  /** The connection is replaced when the PING is not answered within, in milliseconds. @default 5_000 */
  readonly pingTimeoutMs?: number;
  /**
   * A PING is sent on a connection without requests when nothing was heard for so long, so that one that died in silence
   * is found before the next request goes out on it; in milliseconds. Apple suggests up to an hour. @default 60_000
   */
  readonly idlePingMs?: number;
  /**
   * A proxy to tunnel through: `http://user:password@host:port`, or `https`, `socks5` or `socks4a` in place of `http`; or
   * `"environment"`, for what `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say when this is made. @default none
   */
  readonly proxy?: string | URL;
  /** Headers that this package does not know yet, on every request. */
  readonly headers?: ExtraHeaders;
  /**
   * Accepts any server certificate: anyone on the path can then read and drop everything. For a server of your own give its
   * authority as `environment.ca` instead. @default false
   */
  readonly dangerouslySkipServerVerification?: boolean;
  /** The clock for the provider token and for dates of answers. @default the machine's */
  readonly clock?: Clock;
}

export interface Http2TransportOptions extends Http2ClientOptions {
  /**
   * Where broadcasts go: `"device"` is the host of device requests; `"dedicated"` Apple's `api-broadcast` host, which some
   * of its pages name; or an endpoint of your own. @default "device"
   */
  readonly broadcastEndpoint?: "device" | "dedicated" | Endpoint;
  /**
   * The app's bundle ID, for notifications that name no topic; the suffix of the push type is added. Needed with token
   * auth unless every notification names its own. @default with a certificate, the app that it is for
   */
  readonly topic?: string;
}

const clientNames = {
  environment: true,
  auth: true,
  port: true,
  timeoutMs: true,
  connectTimeoutMs: true,
  requestTimeoutMs: true,
  queueTimeoutMs: true,
  maxQueued: true,
  maxConnections: true,
  idleTimeoutMs: true,
  pingAfterMs: true,
  pingTimeoutMs: true,
  idlePingMs: true,
  proxy: true,
  headers: true,
  dangerouslySkipServerVerification: true,
  clock: true,
} as const;
export const clientOptionNames: OptionNames = optionNames<Http2ClientOptions>(clientNames);
const transportOptionNames = optionNames<Http2TransportOptions>({
  ...clientNames,
  broadcastEndpoint: true,
  topic: true,
});
const tokenAuthNames = optionNames<TokenAuth>({
  type: true,
  key: true,
  keyId: true,
  teamId: true,
  refreshAfterMs: true,
  store: true,
});

const authHint = 'it belongs into auth: { type: "token", … } or { type: "certificate", … }.';
/** Options of other libraries. */
export const hints: NonNullable<CheckOptionsDetails["hints"]> = {
  production: 'write environment: "production" or "development".',
  sandbox: 'write environment: "development".',
  host: "write environment: { host, port }.",
  address: "write environment: { host, port }.",
  token: authHint,
  key: authHint,
  keyId: authHint,
  teamId: authHint,
  cert: authHint,
  pfx: authHint,
  passphrase: authHint,
  ca: "write environment: { host, ca }.",
};

/** Throws unless the names of all options of a transport are known. @throws {InvalidArgumentError} naming the option */
export function checkTransportOptionNames(options: Http2TransportOptions): void {
  checkOptions("Http2Transport", options, transportOptionNames, { hints });
}

/** The credentials, checked. */
type ResolvedAuth =
  | {
      readonly type: "token";
      readonly key: KeyObject;
      readonly keyId: string;
      readonly teamId: string;
      readonly refreshAfterMs: number;
      readonly store: ProviderTokenStore | undefined;
    }
  /** `certificate` is undefined if it cannot be read. */
  | { readonly type: "certificate"; readonly certificate: PushCertificateClaims | undefined };

export interface ResolvedHttp2ClientOptions {
  /** As it was given. */
  readonly environment: Environment;
  readonly endpoint: ResolvedEndpoint;
  readonly auth: ResolvedAuth;
  readonly secureContext: SecureContext;
  readonly verifyServer: boolean;
  readonly proxy: ProxyAddress | undefined;
  readonly headers: ExtraHeaders;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly maxQueued: number;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  readonly pingAfterMs: number;
  readonly pingTimeoutMs: number;
  readonly idlePingMs: number;
  readonly clock: Clock;
}

/**
 * Checks the options and fills in the defaults. Reads key and certificate; opens nothing.
 * @param endpoint where to, if the environment's HTTP/2 service is not meant
 * @throws {InvalidArgumentError} naming the option
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if a certificate cannot be used
 */
export function resolveHttp2ClientOptions(
  options: Http2ClientOptions,
  endpoint: ResolvedEndpoint = resolveEnvironment(options.environment, "http2"),
): ResolvedHttp2ClientOptions {
  const port = portOf(options, endpoint);
  const milliseconds = (name: keyof Http2ClientOptions, usual: number): number =>
    checkInteger(name, options[name] ?? usual, 1, maxTimerDelayMs);
  const timeoutMs = milliseconds("timeoutMs", 30_000);
  const auth = resolveAuth(options.auth);
  const secureContext = readTlsIdentity({ ca: endpoint.ca, ...identityOf(options.auth) }, "auth.");
  return {
    environment: options.environment,
    endpoint: { ...endpoint, port },
    auth: auth ?? { type: "certificate", certificate: readOwnCertificate(secureContext) },
    secureContext,
    verifyServer: !checkFlag("dangerouslySkipServerVerification", options.dangerouslySkipServerVerification),
    proxy: resolveProxy(options.proxy, { host: endpoint.host, port }),
    headers: checkExtraHeaders(options.headers ?? {}),
    timeoutMs,
    connectTimeoutMs: milliseconds("connectTimeoutMs", 10_000),
    requestTimeoutMs: milliseconds("requestTimeoutMs", 20_000),
    queueTimeoutMs: milliseconds("queueTimeoutMs", timeoutMs),
    maxQueued: checkInteger("maxQueued", options.maxQueued ?? 100_000, 1),
    maxConnections: checkInteger("maxConnections", options.maxConnections ?? 4, 1, 100),
    idleTimeoutMs: milliseconds("idleTimeoutMs", 300_000),
    pingAfterMs: milliseconds("pingAfterMs", 5_000),
    pingTimeoutMs: milliseconds("pingTimeoutMs", 5_000),
    idlePingMs: milliseconds("idlePingMs", 60_000),
    clock: options.clock === undefined ? systemClock : reliableClock(options.clock),
  };
}

/** A clock of the caller's. It is read in the middle of things: where it throws or gives no number, the machine's counts. */
function reliableClock(clock: Clock): Clock {
  if (typeof clock?.now !== "function") throw new InvalidArgumentError("clock", "has no method now().");
  return {
    now: () => {
      const now = runCallback("clock.now", () => clock.now());
      return Number.isFinite(now) ? now! : systemClock.now();
    },
  };
}

/** Where device requests go. @throws {InvalidArgumentError} */
export function resolveDeviceEndpoint(options: Pick<Http2ClientOptions, "environment" | "port">): ResolvedEndpoint {
  const endpoint = resolveEnvironment(options.environment, "http2");
  return { ...endpoint, port: portOf(options, endpoint) };
}

function portOf({ port }: Pick<Http2ClientOptions, "port">, endpoint: ResolvedEndpoint): number {
  return port === undefined ? endpoint.port : checkInteger("port", port, 1, 65_535);
}

/** Undefined with a certificate, which is read together with the rest of the TLS identity. */
function resolveAuth(auth: TokenAuth | CertificateAuth | undefined): ResolvedAuth | undefined {
  if (auth?.type === "certificate") return undefined;
  if (auth?.type !== "token") {
    throw new InvalidArgumentError(
      "auth",
      'is neither { type: "token", key, keyId, teamId } nor { type: "certificate", cert, key } nor { type: "certificate", pfx, passphrase }.',
    );
  }
  checkOptions("a provider token", auth, tokenAuthNames, { path: "auth" });
  const { minRefreshMs, usualRefreshMs, expiredMs } = providerTokenAge;
  return {
    type: "token",
    key: readSigningKey(auth.key),
    keyId: checkTenCharacters("auth.keyId", auth.keyId),
    teamId: checkTenCharacters("auth.teamId", auth.teamId),
    refreshAfterMs: checkInteger(
      "auth.refreshAfterMs",
      auth.refreshAfterMs ?? usualRefreshMs,
      minRefreshMs,
      expiredMs - 60_000,
    ),
    store: auth.store,
  };
}

function identityOf(auth: TokenAuth | CertificateAuth): TlsIdentity {
  return auth.type === "certificate" ? certificateIdentity(auth) : {};
}
