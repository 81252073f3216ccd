import type { TLSSocket } from "node:tls";
import { AddressSpread, type ConnectHints, connect, connectHedged, type TlsSessionCache } from "@apns/net";
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

/** What the connections to one service share. */
export interface SharedByConnections {
  readonly addresses: AddressSpread;
  readonly tlsSessions?: TlsSessionCache;
}

/**
 * Connects to a legacy service. While an address of it does not answer, others are tried beside it.
 * @throws {ConnectError} or the reason of `signal`
 */
export function connectLegacy(
  options: ResolvedConnectOptions,
  signal: AbortSignal,
  { addresses, tlsSessions }: SharedByConnections = { addresses: new AddressSpread() },
): Promise<TLSSocket> {
  const { endpoint, secureContext, verifyServer, proxy, connectTimeoutMs: timeoutMs } = options;
  const sessions = tlsSessions === undefined ? {} : { sessions: tlsSessions };
  const attempt = async (signal: AbortSignal): Promise<TLSSocket> => {
    const socket = await connect({
      endpoint,
      secureContext,
      verifyServer,
      proxy,
      timeoutMs,
      hints,
      signal,
      addresses,
      ...sessions,
    });
    if (proxy === undefined && socket.remoteAddress !== undefined) addresses.succeeded(socket.remoteAddress);
    return socket;
  };
  return connectHedged(attempt, { signal, addresses, discard: (socket) => socket.destroy() });
}
