import { type KeyObject, X509Certificate } from "node:crypto";
import {
  attributeOf,
  attributeTypes,
  type CertificateDescription,
  DerReader,
  describeCertificate,
  describePublicKey,
  type KeyAlgorithm,
} from "@apns/core/der";
import { CredentialsError } from "./credentials-error.js";
import { encodePem } from "./pem.js";

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
  /** Whether others have signed it, as far as that was asked. */
  readonly #signers = new Map<Certificate, boolean>();

  /**
   * @param field how the file is called in errors
   * @throws {CredentialsError} `…_UNREADABLE`
   */
  constructor(field: string, bytes: Uint8Array) {
    try {
      this.der = withoutLineEnd(bytes);
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

  /** Whether another one has the name of this one's issuer, and a key that can have signed it; itself, for a root. */
  namesAsIssuer(issuer: Certificate): boolean {
    return issuer.#key !== undefined && this.#node.checkIssued(issuer.#node);
  }

  /** Whether another one's name and key have issued this one. Verifying takes up to milliseconds, so it is done once. */
  isIssuedBy(issuer: Certificate): boolean {
    if (!this.namesAsIssuer(issuer)) return false;
    const isSigned = this.#signers.get(issuer) ?? this.#node.verify(issuer.#key!);
    this.#signers.set(issuer, isSigned);
    return isSigned;
  }

  belongsTo(key: KeyObject): boolean {
    return this.#node.checkPrivateKey(key);
  }

  toPem(): string {
    return encodePem("CERTIFICATE", this.der);
  }
}

/** A file of DER, of which some tools make a file of lines. */
function withoutLineEnd(bytes: Uint8Array): Buffer {
  const { encoded } = new DerReader(bytes).next("the certificate");
  const rest = Buffer.from(bytes.subarray(encoded.length)).toString("latin1");
  return Buffer.from(rest.trim() === "" ? encoded : bytes);
}

/** The error for bytes that begin like a certificate. */
function damagedCertificate(field: string, cause: unknown): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNREADABLE",
    `${field} looks like a certificate, but is damaged`,
    "download it from Apple's portal again.",
    { cause },
  );
}
