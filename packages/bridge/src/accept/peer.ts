import { createHash, type X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { attributeTypes, type DistinguishedName, describeCertificate, formatName } from "@apns/core/der";
import { cutText } from "@apns/core/internal";

/**
 * In characters, of what a peer says of itself and the bridge logs and keeps in its report. What is longer is cut before it is
 * kept: a certificate may have a subject of 62 KB. No topic of Apple's has more than 255; of the server name OpenSSL refuses more than 255.
 */
const maxTextLength = 300;

/** Topics of one certificate; a universal one of Apple's lists six. */
const maxTopics = 100;

/** The claims of a sender's certificate about its holder. */
export interface CertificateClaims {
  /** The subject's UID: the topic of a push certificate. */
  readonly uid: string | undefined;
  /** The topics it lists (extension 1.2.840.113635.100.6.3.6 of a universal certificate). */
  readonly topics: readonly string[];
}

/**
 * Reads the claims of a certificate. `describePushCertificate` of @apns/credentials has all of them; without it, only the
 * UID is known.
 * @param der the certificate
 */
export type ReadCertificate = (der: Uint8Array) => CertificateClaims;

/** A sender's certificate, as far as the bridge looks at it. */
interface PeerCertificate extends CertificateClaims {
  /** SHA-256 of the certificate: 64 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** The subject, on one line. */
  readonly subject: string;
  /** Whether an authority the bridge trusts has issued it, and its time has not passed, unless that is allowed. */
  readonly trusted: boolean;
  /** Why it is not trusted. */
  readonly problem: string | undefined;
}

/** A peer whose handshake has succeeded. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** The port it connected to. */
  readonly localPort: number;
  /** The name it asked for in the TLS handshake; `undefined` if it named none, as most old senders do. */
  readonly servername: string | undefined;
  readonly tlsVersion: string;
  readonly cipher: string;
  readonly certificate: PeerCertificate | undefined;
}

export interface TrustOptions {
  /** The authorities that issue the senders' certificates. */
  readonly authorities: readonly X509Certificate[];
  /** Whether a certificate may have expired. */
  readonly acceptExpired: boolean;
  readonly readCertificate: ReadCertificate | undefined;
}

/**
 * Reads who connected. What a certificate says is read by `@apns/core/der` out of its bytes: Node's own
 * `getPeerCertificate()` ends the process over some of them (docs/decisions/0013).
 * @throws {DerError} if it shows a certificate that is damaged
 */
export function describePeer(socket: TLSSocket, trust: TrustOptions): Peer {
  const servername = socket.servername as string | false | undefined;
  return {
    address: socket.remoteAddress ?? "",
    port: socket.remotePort ?? 0,
    localPort: socket.localPort ?? 0,
    servername: servername === false ? undefined : servername?.toLowerCase(),
    tlsVersion: socket.getProtocol() ?? "",
    cipher: socket.getCipher()?.name ?? "",
    certificate: readPeerCertificate(socket, trust),
  };
}

/** The same peer, if it had to come in without being vouched for. */
export function withoutTrust(peer: Peer): Peer {
  const { certificate } = peer;
  return certificate === undefined ? peer : { ...peer, certificate: { ...certificate, trusted: false } };
}

function readPeerCertificate(socket: TLSSocket, trust: TrustOptions): PeerCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const { raw } = certificate;
  const { subject } = describeCertificate(raw);
  const trusted = isTrusted(socket, certificate, trust);
  return {
    ...cutClaims(readClaims(raw, subject, trust.readCertificate)),
    fingerprint: createHash("sha256").update(raw).digest("hex").toUpperCase(),
    subject: cutText(formatName(subject), maxTextLength),
    trusted,
    problem: trusted ? undefined : String(socket.authorizationError),
  };
}

/** A claim that was cut matches no sender's. */
function cutClaims({ uid, topics }: CertificateClaims): CertificateClaims {
  return {
    uid: uid === undefined ? undefined : cutText(uid, maxTextLength),
    topics: topics.slice(0, maxTopics).map((topic) => cutText(topic, maxTextLength)),
  };
}

function readClaims(der: Uint8Array, subject: DistinguishedName, read: ReadCertificate | undefined): CertificateClaims {
  if (read !== undefined) {
    try {
      const { uid, topics } = read(der);
      return { uid, topics };
    } catch {
      // A certificate that cannot be read claims nothing.
      return { uid: undefined, topics: [] };
    }
  }
  const uids = subject.filter(({ type }) => type === attributeTypes.userId);
  // Of two, it is not known which one counts.
  return { uid: uids.length === 1 ? uids[0]!.value : undefined, topics: [] };
}

/**
 * Expiry is looked at here and not by OpenSSL's verdict: that names the last problem it found, so that "has expired" may
 * hide "was issued by an unknown authority".
 */
function isTrusted(
  socket: TLSSocket,
  certificate: X509Certificate,
  { authorities, acceptExpired }: TrustOptions,
): boolean {
  if (socket.authorized) return true;
  return (
    acceptExpired &&
    authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey))
  );
}
