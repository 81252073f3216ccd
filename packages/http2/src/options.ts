import type { KeyObject } from "node:crypto";
import {
  type Clock,
  checkInteger,
  checkText,
  type Environment,
  InvalidArgumentError,
  type ResolvedEndpoint,
  resolveEnvironment,
  systemClock,
} from "@apns/core";
import { readSigningKey, type SigningKeyInput } from "./auth/signing-key.js";

/** Authentication by provider token. */
export interface TokenAuth {
  readonly type: "token";
  /** The `.p8` signing key: its text, its bytes, or a KeyObject. */
  readonly key: SigningKeyInput;
  /** Ten characters; the `.p8` file's name holds it. */
  readonly keyId: string;
  /** Ten characters; your account page shows it. */
  readonly teamId: string;
}

/** Authentication by client certificate, as Node's TLS takes it. */
export type CertificateAuth = { readonly type: "certificate"; readonly passphrase?: string } & (
  | { readonly cert: string | Uint8Array; readonly key: string | Uint8Array; readonly pfx?: undefined }
  | { readonly pfx: Uint8Array; readonly cert?: undefined; readonly key?: undefined }
);

export interface Http2TransportOptions {
  /** Apple's servers, or an endpoint of your own (a simulator). */
  readonly environment: Environment;
  readonly auth: TokenAuth | CertificateAuth;
  /**
   * The app's bundle ID, for notifications that name no topic; the suffix of the push type is added. Needed with token
   * auth unless every notification names its own.
   */
  readonly topic?: string;
  /** How long a notification may take in all, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
  /** How long one attempt to connect may take (DNS, TCP, TLS and the server's SETTINGS), in milliseconds. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** How many notifications may wait for a stream; more are `unsent` at once. @default 100_000 */
  readonly maxQueued?: number;
  /** Where the time is read, for deadlines and the provider token. @default the machine's clock */
  readonly clock?: Clock;
}

export type ResolvedAuth =
  | { readonly type: "token"; readonly key: KeyObject; readonly keyId: string; readonly teamId: string }
  | { readonly type: "certificate"; readonly tls: TlsIdentity };

/** What Node's `tls.connect` takes for a client certificate. */
export interface TlsIdentity {
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly pfx?: Buffer;
  readonly passphrase?: string;
}

export interface ResolvedHttp2TransportOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly auth: ResolvedAuth;
  readonly topic: string | undefined;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxQueued: number;
  readonly clock: Clock;
}

/** The longest delay Node's timers take. */
const maxDelayMs = 0x7fff_ffff;

/**
 * Checks the options and fills in the defaults.
 * @throws {InvalidArgumentError} naming the option
 */
export function resolveHttp2TransportOptions(options: Http2TransportOptions): ResolvedHttp2TransportOptions {
  return {
    endpoint: resolveEnvironment(options.environment, "http2"),
    auth: resolveAuth(options.auth),
    topic: options.topic === undefined ? undefined : checkText("topic", options.topic),
    timeoutMs: checkInteger("timeoutMs", options.timeoutMs ?? 30_000, 1, maxDelayMs),
    connectTimeoutMs: checkInteger("connectTimeoutMs", options.connectTimeoutMs ?? 10_000, 1, maxDelayMs),
    maxQueued: checkInteger("maxQueued", options.maxQueued ?? 100_000, 1),
    clock: options.clock ?? systemClock,
  };
}

function resolveAuth(auth: TokenAuth | CertificateAuth | undefined): ResolvedAuth {
  if (auth?.type === "token") {
    return {
      type: "token",
      key: readSigningKey(auth.key),
      keyId: checkTenCharacters("auth.keyId", auth.keyId),
      teamId: checkTenCharacters("auth.teamId", auth.teamId),
    };
  }
  if (auth?.type === "certificate") return { type: "certificate", tls: resolveIdentity(auth) };
  throw new InvalidArgumentError(
    "auth",
    'is neither { type: "token", key, keyId, teamId } nor { type: "certificate", cert, key } nor { type: "certificate", pfx, passphrase }.',
  );
}

function resolveIdentity({ cert, key, pfx, passphrase }: CertificateAuth): TlsIdentity {
  const secret = passphrase === undefined ? {} : { passphrase };
  if (pfx !== undefined) return { pfx: Buffer.from(pfx), ...secret };
  if (cert === undefined || key === undefined) {
    throw new InvalidArgumentError("auth", "a certificate needs both cert and key, or a pfx that holds both.");
  }
  return { cert: textOrBuffer(cert), key: textOrBuffer(key), ...secret };
}

function textOrBuffer(value: string | Uint8Array): string | Buffer {
  return typeof value === "string" ? value : Buffer.from(value);
}

function checkTenCharacters(field: string, value: unknown): string {
  const text = checkText(field, value);
  if (/^[A-Z0-9]{10}$/i.test(text)) return text;
  throw new InvalidArgumentError(field, `is not ten letters and digits, as Apple's pages show it.`);
}
