import type { TLSSocket } from "node:tls";
import { type ConnectHints, connect, type TlsSessionCache } from "@apns/net";
import type { ResolvedConnectOptions } from "../options.js";

/** Explanations of error codes for a peer that is a legacy gateway. */
const hints: ConnectHints = [
  [
    /ALERT_HANDSHAKE_FAILURE|UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|NO_PROTOCOLS|DH_KEY_TOO_SMALL/,
    'no TLS version or cipher in common; an old gateway may need minVersion: "TLSv1" and ciphers: "DEFAULT:@SECLEVEL=0"',
  ],
  [/^ENOTFOUND$|^EAI_AGAIN$/, "the name cannot be resolved; Apple's own legacy hosts do not exist any more"],
  [
    /^ECONNRESET$|^closed$/,
    "the peer closed during the handshake; a gateway does that with a certificate it does not take",
  ],
];

/**
 * Connects to a legacy service.
 * @throws {ConnectError} or the reason of `signal`
 */
export function connectLegacy(
  options: ResolvedConnectOptions,
  signal: AbortSignal,
  sessions?: TlsSessionCache,
): Promise<TLSSocket> {
  const { endpoint, secureContext, verifyServer, proxy, connectTimeoutMs: timeoutMs } = options;
  const cache = sessions === undefined ? {} : { sessions };
  return connect({ endpoint, secureContext, verifyServer, proxy, timeoutMs, hints, signal, ...cache });
}
