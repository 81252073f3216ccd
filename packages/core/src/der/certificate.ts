import { hexOf } from "../hex.js";
import { type DistinguishedName, readName } from "./distinguished-name.js";
import { readExtensions } from "./extensions.js";
import { withoutZeros } from "./integer.js";
import { derTags, explicitTag, implicitTag, outerSequence } from "./reader.js";
import { readTime } from "./time.js";

/** The fields of a certificate. Nothing of them is verified. */
export interface CertificateDescription {
  /** Hexadecimal digits, lower case, without zeros in front. */
  readonly serialNumber: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Its SubjectPublicKeyInfo, DER; `describePublicKey` reads it. */
  readonly publicKey: Uint8Array;
  /** The content of the extensions by object identifier; the first one, if an extension occurs twice. */
  readonly extensions: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads an untrusted certificate (RFC 5280, section 4.1). Node's own reading of a peer's can end the process
 * (`getPeerCertificate()`, `toLegacyObject()`, `keyUsage`), throw outside of any handler, or be undefined where its types
 * exclude that (`subject`).
 * @throws {DerError} and nothing else, whatever the bytes
 */
export function describeCertificate(der: Uint8Array): CertificateDescription {
  const certificate = outerSequence(der, "the certificate");
  const content = certificate.sequence("the certificate's content");
  certificate.next("the certificate's signature algorithm", derTags.sequence);
  certificate.next("the certificate's signature", derTags.bitString);
  certificate.end("the certificate");

  content.optional("the certificate's version", explicitTag(0));
  const serialNumber = hexOf(withoutZeros(content.next("the certificate's serial number", derTags.integer).content));
  content.next("the certificate's signature algorithm", derTags.sequence);
  const issuer = readName(content, "the certificate's issuer");
  const validity = content.sequence("the certificate's validity");
  const notBefore = readTime(validity, "the certificate's begin");
  const notAfter = readTime(validity, "the certificate's end");
  validity.end("the certificate's validity");
  const subject = readName(content, "the certificate's subject");
  const publicKey = content.next("the certificate's public key", derTags.sequence).encoded;
  content.optional("the certificate's issuer id", implicitTag(1));
  content.optional("the certificate's subject id", implicitTag(2));
  const extensions = readExtensions(content.optional("the certificate's extensions", explicitTag(3))?.content);
  content.end("the certificate's content");
  return { serialNumber: serialNumber || "00", issuer, subject, notBefore, notAfter, publicKey, extensions };
}
