import type { Socket } from "node:net";
import { createServer, type SecureVersion, type TLSSocket, type TlsOptions } from "node:tls";
import type { PemIdentity, PushCertificateDescription } from "@apns/credentials";
import { describePushCertificate } from "@apns/credentials";
import { useSocket } from "./use-socket.js";

/** A connection whose TLS handshake is done. */
export interface SecureConnection {
  readonly socket: TLSSocket;
  /** The TCP connection below TLS, for a reset, or a FIN without close_notify. */
  readonly tcp: Socket;
  /** The description of the sender's certificate; `undefined` if it showed none. */
  readonly certificate: PushCertificateDescription | undefined;
  /** Whether that certificate is the authority's, valid today, and for pushing at all. */
  readonly trusted: boolean;
  /** Runs callbacks of writes so that what they throw ends this connection only. */
  readonly run: (task: () => void) => void;
}

export interface TlsAcceptorOptions {
  readonly server: PemIdentity;
  readonly ca: string;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  readonly ciphers: string | undefined;
  readonly alpn?: NonNullable<TlsOptions["ALPNCallback"]>;
  readonly onSecure: (connection: SecureConnection) => void;
}

/**
 * Does the server's side of TLS on connections it is handed.
 *
 * Client certificates are asked for and judged here, never by Node: with `rejectUnauthorized` a sender would see a bare
 * close in the middle of the handshake, which is not how Apple refuses (measured on Node 20).
 */
export function tlsAcceptor(options: TlsAcceptorOptions): (tcp: Socket) => void {
  const { minVersion, maxVersion, ciphers, alpn, ca } = options;
  const pending = new Map<string, Socket>();
  const server = createServer({
    cert: options.server.cert,
    key: options.server.key,
    ca,
    minVersion,
    maxVersion,
    requestCert: true,
    rejectUnauthorized: false,
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(alpn === undefined ? {} : { ALPNCallback: alpn }),
  });
  server.on("secureConnection", (socket) => {
    // Whoever reads the connection is told by its end.
    const run = useSocket(socket, () => void socket.on("error", () => {}));
    run(() => {
      const tcp = pending.get(keyOf(socket));
      if (tcp === undefined) socket.destroy();
      else options.onSecure({ socket, tcp, run, ...readCertificate(socket) });
    });
  });
  server.on("tlsClientError", (_error, socket) => void useSocket(socket, () => socket.destroy()));
  return (tcp) => {
    const key = keyOf(tcp);
    pending.set(key, tcp);
    tcp.once("close", () => pending.delete(key));
    server.emit("connection", tcp);
  };
}

/**
 * A key for a TCP connection, unique as long as the connection is open. One port of a peer may have two: to the port that
 * listens, and to the far end of a simulated network.
 */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
}

/**
 * Read from its bytes alone: Node's own `getPeerCertificate()` ends the process over some certificates
 * (docs/decisions/0013). A damaged certificate counts as one that claims nothing.
 */
function readCertificate(socket: TLSSocket): Pick<SecureConnection, "certificate" | "trusted"> {
  const raw = socket.getPeerX509Certificate()?.raw;
  if (raw === undefined) return { certificate: undefined, trusted: false };
  try {
    const certificate = describePushCertificate(raw);
    return { certificate, trusted: socket.authorized && certificate.environments.length > 0 };
  } catch {
    return { certificate: withoutClaims, trusted: false };
  }
}

const epoch = new Date(0);

const withoutClaims: PushCertificateDescription = {
  uid: undefined,
  topics: [],
  defaultTopic: undefined,
  environments: [],
  teamId: undefined,
  commonName: undefined,
  notBefore: epoch,
  notAfter: epoch,
  serialNumber: "",
};
