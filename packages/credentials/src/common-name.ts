import { type Name, X509Certificate } from "./x509.js";

/** The common names of a certificate's subject and issuer, as they are and not as OpenSSL escapes them. */
export function commonNames(der: Uint8Array): {
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
} {
  const { subjectName, issuerName } = new X509Certificate(der);
  const commonName = (name: Name): string | undefined => name.getField("CN")[0];
  return { subject: commonName(subjectName), issuer: commonName(issuerName) };
}
