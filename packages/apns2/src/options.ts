import type { Endpoint, Http2TransportOptions, SigningKeyInput } from "@apns/http2";
import { Host } from "./constants.js";

/** A key in an object, as the typings of apns2 have it. A passphrase cannot be used: APNs' keys have none. */
export interface EncryptedKey {
  key: string | Buffer;
  passphrase: string | undefined;
}
export type PrivateKey = string | Buffer | EncryptedKey;

/** A provider token, of apns2's typings; here the transport keeps its own. */
export interface SigningToken {
  value: string;
  timestamp: number;
}

export interface ApnsOptions {
  /** Ten characters; your account page shows it. */
  team: string;
  /** What is in the `.p8` file. */
  signingKey: string | Buffer | PrivateKey;
  /** Ten characters; the `.p8` file's name holds it. */
  keyId: string;
  /** The topic of notifications that name none. */
  defaultTopic?: string;
  /** @default Host.production */
  host?: Host | string;
  /** How long APNs may take to answer a request that was sent, in milliseconds. @default 0, which is 20,000 */
  requestTimeout?: number;
  /** `false` sends no PING on a connection that is idle. @default true */
  keepAlive?: boolean;
  /** Of `host`, for a server of your own; apns2 has no such option. @default 443 */
  port?: number;
  /** Authorities that are trusted in place of the system's, for a server of your own; apns2 has no such option. */
  ca?: Endpoint["ca"];
}

/** How long a notification may take in all, its wait for a stream included, in milliseconds. */
const timeoutMs = 120_000;
/** Notifications that wait for a stream; the caller holds a promise for each. */
const maxQueued = 1_000_000;
const longestTimerMs = 2 ** 31 - 1;

export function transportOptions(options: ApnsOptions): Http2TransportOptions {
  const { team, keyId, host = Host.production, port, ca, requestTimeout, keepAlive = true } = options;
  return {
    environment: { host, ...(port !== undefined && { port }), ...(ca !== undefined && { ca }) },
    auth: { type: "token", key: keyOf(options.signingKey), keyId, teamId: team },
    ...(requestTimeout && { requestTimeoutMs: requestTimeout }),
    timeoutMs: Math.max(timeoutMs, requestTimeout ?? 0),
    maxQueued,
    ...(!keepAlive && { idlePingMs: longestTimerMs }),
  };
}

/** The transport says of a key that is encrypted how to open it. */
function keyOf(given: PrivateKey): SigningKeyInput {
  const isObject = typeof given === "object" && given !== null && "key" in given;
  return isObject ? given.key : given;
}
