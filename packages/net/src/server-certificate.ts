import type { X509Certificate } from "node:crypto";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { attributeTypes, type CertificateDescription, describeCertificate } from "@apns/core/der";

/** The parts of a server's certificate that are used. */
export interface ServerCertificate {
  /** `undefined` if the certificate is damaged. */
  readonly description: CertificateDescription | undefined;
  /** The names it is for, in the form that `checkServerIdentity` of Node's TLS takes. */
  readonly names: PeerCertificate;
  /** The certificates that the server presents, DER each: its own, then that of each issuer, without the root mostly. */
  readonly chain: readonly Uint8Array[];
}

/** On a client Node returns the certificate once: a second call of `getPeerX509Certificate` returns its issuer's. */
const cache = new WeakMap<TLSSocket, ServerCertificate>();

/** The sockets whose certificate is being read: Bun's `getPeerX509Certificate` calls `getPeerCertificate`. */
const reading = new WeakSet<TLSSocket>();

/** The certificate that a server has presented; empty before the handshake. */
export function readServerCertificate(socket: TLSSocket): ServerCertificate {
  const cached = cache.get(socket);
  if (cached !== undefined) return cached;
  reading.add(socket);
  try {
    const found = read(socket);
    cache.set(socket, found);
    return found;
  } finally {
    reading.delete(socket);
  }
}

/**
 * Keeps Node from reading the server's certificate by `getPeerCertificate()`, as it does at the end of each handshake in
 * which the certificate was found to be trusted: for some certificates that ends the process, or throws an exception that
 * cannot be caught (docs/decisions/0013). To be called before the handshake ends.
 */
export function keepNodeFromReading(socket: TLSSocket): void {
  const own = socket.getPeerCertificate;
  const instead = (detailed?: boolean) =>
    reading.has(socket) ? own.call(socket, detailed) : readServerCertificate(socket).names;
  socket.getPeerCertificate = instead as TLSSocket["getPeerCertificate"];
}

function read(socket: TLSSocket): ServerCertificate {
  const certificate = socket.getPeerX509Certificate();
  const description = certificate && describe(certificate.raw);
  const subject = description?.subject ?? [];
  const commonNames = subject.filter(({ type }) => type === attributeTypes.commonName).map(({ value }) => value);
  const names = { subject: { CN: commonNames }, subjectaltname: certificate?.subjectAltName };
  // Node's type has many more fields; `checkServerIdentity` reads these two.
  return { description, names: names as unknown as PeerCertificate, chain: chainOf(certificate) };
}

/** A server chooses the length of its chain. */
const maxChain = 16;

function chainOf(own: X509Certificate | undefined): Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let next = own; next !== undefined && chain.length < maxChain; next = next.issuerCertificate)
    chain.push(next.raw);
  return chain;
}

/** The certificates of a chain, up to the first damaged one. */
export function describeChain({ chain }: ServerCertificate): CertificateDescription[] {
  const described: CertificateDescription[] = [];
  for (const der of chain) {
    const description = describe(der);
    if (description === undefined) break;
    described.push(description);
  }
  return described;
}

function describe(der: Uint8Array): CertificateDescription | undefined {
  try {
    return describeCertificate(der);
  } catch {
    return undefined;
  }
}
