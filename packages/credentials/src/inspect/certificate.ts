import type { KeyObject, X509Certificate } from "node:crypto";
import { type CertificateValidity, validity } from "../certificate-validity.js";
import { collectFiles } from "../collect-files.js";
import { commonNames } from "../common-name.js";
import type { CredentialFile } from "../credential-file.js";
import { describePushCertificate, type PushCertificateDescription } from "../describe-push-certificate.js";
import type { PassphraseOptions } from "../private-key.js";
import { findLeaves } from "../read-certificates.js";
import { type CertificateKind, kindOf } from "./certificate-kind.js";

/** Everything a certificate says of itself, and how it fits what was given along with it. */
export interface CertificateReport extends PushCertificateDescription {
  readonly kind: CertificateKind;
  readonly validity: CertificateValidity;
  /** Whole days until it ends, rounded down; negative once it has. */
  readonly daysLeft: number;
  /** Common name of the issuer. */
  readonly issuer: string | undefined;
  /** Hexadecimal digits, lower case. */
  readonly sha256Fingerprint: string;
  /** Such as `RSA 2048` or `EC prime256v1`. */
  readonly publicKey: string;
  /** `absent`: no private key was given. `differs`: those that were are other certificates'. */
  readonly privateKey: "matches" | "differs" | "absent";
  /** The certificates that issued it, nearest first, as far as they were given; each really signed the one before. */
  readonly chain: readonly ChainLink[];
  /** Whether the chain reaches a root. Apple's servers need no chain: they know their own. */
  readonly chainIsComplete: boolean;
}

export interface ChainLink {
  readonly commonName: string | undefined;
  readonly notAfter: Date;
  readonly validity: CertificateValidity;
}

export interface InspectCertificateOptions extends PassphraseOptions {
  /** @default now */
  readonly at?: Date | undefined;
}

const dayMs = 86_400_000;

/**
 * Says what the certificates in files of any form are: `.cer`, `.pem` or `.p12`, with or without a key. Those that issued
 * another of them are its `chain`, and have no report of their own. Whether a root is Apple's is not looked at.
 * @throws {CredentialsError} `…_NO_CERTIFICATE` if there is none, and whatever a file can be refused for; never for being
 * expired, or for having no key
 */
export function inspectCertificates(
  files: CredentialFile | readonly CredentialFile[],
  options: InspectCertificateOptions = {},
): CertificateReport[] {
  const found = collectFiles(files, options);
  const at = options.at ?? new Date();
  return findLeaves(found).map(({ certificate, chain }) => report(certificate, chain, found.keys, at));
}

function report(
  certificate: X509Certificate,
  chain: readonly X509Certificate[],
  keys: readonly KeyObject[],
  at: Date,
): CertificateReport {
  const description = describePushCertificate(certificate.raw);
  const matches = keys.some((key) => certificate.checkPrivateKey(key));
  return {
    ...description,
    kind: kindOf(description),
    validity: validity(certificate, at),
    daysLeft: Math.floor((description.notAfter.getTime() - at.getTime()) / dayMs),
    issuer: commonNames(certificate.raw).issuer,
    sha256Fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    publicKey: describeKey(certificate.publicKey),
    privateKey: matches ? "matches" : keys.length > 0 ? "differs" : "absent",
    chain: chain.map((issuer) => ({
      commonName: commonNames(issuer.raw).subject,
      notAfter: new Date(issuer.validTo),
      validity: validity(issuer, at),
    })),
    chainIsComplete: isSelfSigned(chain.at(-1) ?? certificate),
  };
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** The kind of a key, for people. */
export function describeKey(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  return [key.asymmetricKeyType?.toUpperCase() ?? "unknown", modulusLength ?? namedCurve]
    .filter((part) => part !== undefined)
    .join(" ");
}
