import type { Socket } from "node:net";
import type { SecureVersion } from "node:tls";
import type { PemIdentity } from "@apns/credentials";
import { type SecureConnection, tlsAcceptor } from "../io/tls-acceptor.js";
import type { Surroundings } from "../surroundings.js";

export interface LegacyTlsOptions {
  readonly server: PemIdentity;
  readonly ca: string;
  readonly minVersion: SecureVersion;
  /**
   * TLS 1.2 by default: with 1.3 allowed, several published senders hang on the session ticket, which makes their socket
   * readable, and others lose notifications (measured with 25 senders).
   */
  readonly maxVersion: SecureVersion;
  readonly ciphers: string | undefined;
}

export interface LegacyHandlers {
  /** A sender proved that it may push to this topic. */
  readonly onTopic: (secure: SecureConnection, topic: string) => void;
  /** Its certificate is fine, but for the other environment. */
  readonly onWrongEnvironment: (secure: SecureConnection) => void;
}

/**
 * Mutual TLS as gateway and feedback service have it. The topic is the certificate's UID: nothing on the wire names one.
 *
 * A sender without a certificate, or with one that is not the authority's, is cut off (Apple: an alert in the handshake,
 * which a Node server cannot send; a bare close was reported too).
 */
export function legacyAcceptor(
  around: Surroundings,
  options: LegacyTlsOptions,
  handlers: LegacyHandlers,
): (tcp: Socket) => void {
  return tlsAcceptor({
    ...options,
    onSecure: (secure) => {
      const { certificate, trusted, socket } = secure;
      if (!trusted || certificate?.uid === undefined) socket.destroy();
      else if (certificate.environments.includes(around.world.environment)) handlers.onTopic(secure, certificate.uid);
      // Reported by many senders: the handshake succeeds, then comes a close without a byte.
      else handlers.onWrongEnvironment(secure);
    },
  });
}
