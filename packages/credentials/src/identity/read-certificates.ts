import type { Certificate } from "../certificates/certificate.js";
import { chainOf } from "../certificates/key-holders.js";
import { CredentialsError } from "../credentials-error.js";
import type { CredentialFile } from "../files/credential-file.js";
import type { PassphraseOptions } from "../keys/private-key.js";
import { type CollectedFiles, collectFiles } from "./collect-files.js";

/**
 * The certificates in files of any form (`.cer`, `.pem`, `.p12`), each as PEM; those that issued another of them last.
 * Keys beside them are passed over.
 * @throws {CredentialsError} `…_NO_CERTIFICATE` if there is none, and whatever a file can be refused for
 */
export function readCertificates(
  files: CredentialFile | readonly CredentialFile[],
  options: PassphraseOptions = {},
): string[] {
  const leaves = findLeaves(collectFiles(files, options));
  const issuers = new Set(leaves.flatMap(({ chain }) => chain));
  return [...leaves.map(({ certificate }) => certificate), ...issuers].map((certificate) => certificate.toPem());
}

/** A certificate that issued none of the others, with those that issued it. */
interface Leaf {
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
}

/** @throws {CredentialsError} `…_NO_CERTIFICATE` */
export function findLeaves({ certificates, keys, description }: CollectedFiles): Leaf[] {
  if (certificates.length === 0) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_NO_CERTIFICATE",
      `${description} holds ${keys.length === 0 ? "nothing of use" : "a private key, but no certificate"}`,
      "give a .cer, .pem or .p12 with one; a .p8 is a key for provider tokens, and has none.",
    );
  }
  const distinct = [...new Map(certificates.map((each) => [each.fingerprint, each])).values()];
  const all = distinct.map((certificate) => ({ certificate, chain: chainOf(certificate, distinct) }));
  const issuers = new Set(all.flatMap(({ chain }) => chain));
  return all.filter(({ certificate }) => !issuers.has(certificate));
}
