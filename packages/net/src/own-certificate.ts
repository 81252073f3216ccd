import type { SecureContext } from "node:tls";
import { describeCertificate, type PushCertificateClaims, readPushCertificate } from "@apns/core/der";

/**
 * The certificate that connections of a secure context show, as far as it is a push certificate: whatever it was read from, a
 * `.p12` included. `undefined` if there is none, or if it cannot be read.
 */
export function readOwnCertificate(secureContext: SecureContext): PushCertificateClaims | undefined {
  // Node's TLS keeps the certificate in its native context; DER.
  const native = secureContext.context as { getCertificate?(): Uint8Array | null };
  try {
    const der = native.getCertificate?.();
    return der == null ? undefined : readPushCertificate(describeCertificate(der));
  } catch {
    return undefined;
  }
}

/** The topics and environments of a push certificate, as a sentence. */
export function certificateSentence({ topics, environments }: PushCertificateClaims): string {
  const listed = topics
    .slice(0, maxListedTopics)
    .map(({ topic, kind }) => (kind === "" ? topic : `${topic} (${kind})`));
  const more = topics.length - listed.length;
  const names = [...listed, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  const use = environments.length === 0 ? "is not for pushing" : `is for ${environments.join(" and ")}`;
  return `The certificate ${use} and covers ${names === "" ? "no topic" : names}.`;
}

const maxListedTopics = 10;
