import type { Socket } from "node:net";
import type { SecureVersion, TLSSocket } from "node:tls";
import type { PemIdentity } from "@apns/credentials";
import { endGracefully } from "../io/end-connection.js";
import { type SecureConnection, tlsAcceptor } from "../io/tls-acceptor.js";
import type { ServerContext } from "../server-context.js";

export interface LegacyTlsOptions {
  readonly ca: string;
  readonly minVersion: SecureVersion;
  /**
   * TLS 1.2 by default: with 1.3 allowed, several published senders hang on the session ticket, which makes their socket
   * readable, and others lose notifications (measured with 25 senders).
   */
  readonly maxVersion: SecureVersion;
  readonly ciphers: string | undefined;
}

/**
 * Mutual TLS as gateway and feedback service have it. The topic is the certificate's UID: nothing on the wire names one.
 *
 * A sender without a certificate, or with one that is not the authority's, is cut off (Apple: an alert in the handshake,
 * which a Node server cannot send; a bare close was reported too).
 *
 * `onTopic` is told who proved that it may push to a topic.
 */
export function legacyAcceptor(
  context: ServerContext,
  options: LegacyTlsOptions,
  onTopic: (secure: SecureConnection, topic: string) => void,
): (server: PemIdentity) => (tcp: Socket) => void {
  const onSecure = (secure: SecureConnection): void => {
    const { certificate, trusted, socket } = secure;
    if (!trusted || certificate?.uid === undefined) socket.destroy();
    else if (certificate.environments.includes(context.world.environment)) onTopic(secure, certificate.uid);
    else turnAway(socket, context);
  };
  return (server) => tlsAcceptor({ ...options, server, onSecure });
}

/** A certificate of the other environment: the handshake succeeds, then comes the end without a byte (reported by many). */
function turnAway(socket: TLSSocket, { quirks, timers, clockTimers }: ServerContext): void {
  const { legacyWrongEnvironmentMs } = quirks;
  // What is written meanwhile is lost.
  socket.resume();
  if (legacyWrongEnvironmentMs === 0) endGracefully(socket, timers);
  else
    socket.once(
      "close",
      clockTimers.after(legacyWrongEnvironmentMs, () => endGracefully(socket, timers)),
    );
}
