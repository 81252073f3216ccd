import type { Certificate, CertificateValidity } from "../certificates/certificate.js";
import { describe, type PushCertificateDescription } from "../certificates/describe-push-certificate.js";
import type { CredentialFile } from "../files/credential-file.js";
import { collectFiles } from "../identity/collect-files.js";
import { findLeaves } from "../identity/read-certificates.js";
import { describeAlgorithm } from "../keys/key-algorithm.js";
import type { PassphraseOptions, PrivateKey } from "../keys/private-key.js";
import { type CertificateKind, kindOf } from "./certificate-kind.js";

/** The content of a certificate, and how it relates to the keys and certificates given along with it. */
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
  certificate: Certificate,
  chain: readonly Certificate[],
  keys: readonly PrivateKey[],
  at: Date,
): CertificateReport {
  const description = describe(certificate);
  const top = chain.at(-1) ?? certificate;
  const matches = keys.some((key) => certificate.belongsTo(key.object));
  return {
    ...description,
    kind: kindOf(description),
    validity: certificate.validityAt(at),
    daysLeft: Math.floor((description.notAfter.getTime() - at.getTime()) / dayMs),
    issuer: certificate.issuerName,
    sha256Fingerprint: certificate.fingerprint,
    publicKey: describeAlgorithm(certificate.publicKey),
    privateKey: matches ? "matches" : keys.length > 0 ? "differs" : "absent",
    chain: chain.map((issuer) => ({
      commonName: issuer.commonName,
      notAfter: issuer.description.notAfter,
      validity: issuer.validityAt(at),
    })),
    chainIsComplete: top.isIssuedBy(top),
  };
}
