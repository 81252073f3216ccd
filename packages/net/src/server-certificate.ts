import type { PeerCertificate, TLSSocket } from "node:tls";
import { attributeTypes, type CertificateDescription, describeCertificate } from "@apns/core/der";

/** A server's certificate, as far as it is looked at. */
export interface ServerCertificate {
  /** `undefined` if it is damaged. */
  readonly description: CertificateDescription | undefined;
  /** The names it is for, in the form that `checkServerIdentity` of Node's TLS takes. */
  readonly names: PeerCertificate;
}

/** On a client, Node hands out the certificate once; a second call of `getPeerX509Certificate` has the next of the chain. */
const known = new WeakMap<TLSSocket, ServerCertificate>();

/** What a server has shown; nothing, if it has shown none yet. */
export function readServerCertificate(socket: TLSSocket): ServerCertificate {
  const found = known.get(socket) ?? read(socket);
  known.set(socket, found);
  return found;
}

/**
 * Keeps Node from reading the server's certificate by `getPeerCertificate()`, as it does at the end of each handshake in
 * which the certificate was found to be trusted: for some certificates that ends the process, or throws where nobody
 * catches (docs/decisions/0013). To be called before the handshake ends.
 */
export function keepNodeFromReading(socket: TLSSocket): void {
  socket.getPeerCertificate = (() => readServerCertificate(socket).names) as TLSSocket["getPeerCertificate"];
}

function read(socket: TLSSocket): ServerCertificate {
  const certificate = socket.getPeerX509Certificate();
  const description = certificate && describe(certificate.raw);
  const subject = description?.subject ?? [];
  const commonNames = subject.filter(({ type }) => type === attributeTypes.commonName).map(({ value }) => value);
  const names = { subject: { CN: commonNames }, subjectaltname: certificate?.subjectAltName };
  // Node types what it makes itself; `checkServerIdentity` looks at these two.
  return { description, names: names as unknown as PeerCertificate };
}

function describe(der: Uint8Array): CertificateDescription | undefined {
  try {
    return describeCertificate(der);
  } catch {
    return undefined;
  }
}
