import { type KeyObject, X509Certificate } from "node:crypto";
import {
  attributeOf,
  attributeTypes,
  type CertificateDescription,
  describeCertificate,
  describePublicKey,
  encodePem,
  formatNames,
  type KeyAlgorithm,
} from "@apns/core/der";
import { CredentialsError } from "../credentials-error.js";
import { type CredentialFile, nameOf, readItems, wrongKind } from "../files/credential-file.js";

export type CertificateValidity = "valid" | "expired" | "not-yet-valid";

/**
 * A certificate that could be read, whosever it is. What it says comes from `@apns/core/der`; Node only proves signatures and
 * compares keys, since most else it says of a hostile one can throw or end the process (docs/decisions/0013).
 */
export class Certificate {
  readonly der: Buffer;
  readonly description: CertificateDescription;
  readonly publicKey: KeyAlgorithm;
  readonly #node: X509Certificate;
  /** Its public key, for those whose kind is known. */
  readonly #key: KeyObject | undefined;
  /** Cached answers of `isIssuedBy`. */
  readonly #signers = new Map<Certificate, boolean>();

  /**
   * @param field how the file is called in errors
   * @throws {CredentialsError} `…_UNREADABLE`
   */
  constructor(field: string, bytes: Uint8Array) {
    try {
      this.der = Buffer.from(bytes);
      this.description = describeCertificate(this.der);
      this.publicKey = describePublicKey(this.description.publicKey);
      this.#node = new X509Certificate(this.der);
      if (this.publicKey.type !== "other") this.#key = this.#node.publicKey;
    } catch (cause) {
      throw damagedCertificate(field, cause);
    }
  }

  get commonName(): string | undefined {
    return attributeOf(this.description.subject, attributeTypes.commonName);
  }

  get issuerName(): string | undefined {
    return attributeOf(this.description.issuer, attributeTypes.commonName);
  }

  /** SHA-256: 64 hexadecimal digits, lower case. */
  get fingerprint(): string {
    return this.#node.fingerprint256.replaceAll(":", "").toLowerCase();
  }

  /** Whether the subject and key identifier of `issuer` are those that this certificate names as its issuer's. */
  namesAsIssuer(issuer: Certificate): boolean {
    return issuer.#key !== undefined && this.#node.checkIssued(issuer.#node);
  }

  /** Whether `issuer` is named as the issuer and its key made the signature. Verifying takes up to milliseconds: once each. */
  isIssuedBy(issuer: Certificate): boolean {
    if (!this.namesAsIssuer(issuer)) return false;
    const isSigned = this.#signers.get(issuer) ?? this.#node.verify(issuer.#key!);
    this.#signers.set(issuer, isSigned);
    return isSigned;
  }

  belongsTo(key: KeyObject): boolean {
    return this.#node.checkPrivateKey(key);
  }

  /** Where an instant lies in its time; both ends belong to it (RFC 5280, section 4.1.2.5). */
  validityAt(at: Date): CertificateValidity {
    if (at < this.description.notBefore) return "not-yet-valid";
    return at > this.description.notAfter ? "expired" : "valid";
  }

  toPem(): string {
    return encodePem("CERTIFICATE", this.der);
  }
}

/** The error for bytes that begin like a certificate and are none. */
function damagedCertificate(field: string, cause: unknown): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNREADABLE",
    `${field} looks like a certificate, but is damaged`,
    "download it from Apple's portal again.",
    { cause },
  );
}

/** The first certificate in a `.cer` or `.pem` as DER: what Apple's portal calls `.cer`. */
export function writeCertificateDer(file: CredentialFile): Buffer {
  return parseCertificates(nameOf(file, "certificate"), file)[0]!.der;
}

/** At least one. */
export function parseCertificates(field: string, file: CredentialFile): Certificate[] {
  const items = readItems(field, file);
  const certificates = items.filter(({ format }) => format === "certificate");
  if (certificates.length > 0) return certificates.map(({ der }) => new Certificate(field, der));
  if (items.some(({ format }) => format === "private-key" || format === "encrypted-private-key")) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_NO_CERTIFICATE",
      `${field} holds ${formatNames["private-key"]}, but no certificate`,
      "give the .cer that Apple's portal made for this key.",
    );
  }
  throw wrongKind(field, items, "a certificate", "give the .cer or .pem of one.");
}
