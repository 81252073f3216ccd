import type { Certificate } from "../certificates/certificate.js";
import { describe } from "../certificates/describe-push-certificate.js";
import { type KeyHolder, keyMismatch, pairKeys, toPemIdentity } from "../certificates/key-holders.js";
import { CredentialsError } from "../credentials-error.js";
import type { PemIdentity } from "../encoding.js";
import type { CredentialFile } from "../files/credential-file.js";
import type { PassphraseOptions } from "../keys/private-key.js";
import { type CollectedFiles, collectFiles } from "./collect-files.js";

export interface ReadIdentityOptions extends PassphraseOptions {
  /**
   * Refuse a certificate that has expired or is not valid yet. Of several certificates for the same key (Keychain keeps
   * the old ones beside the renewed) the one that is valid is taken either way.
   * @default true
   */
  readonly checkValidity?: boolean | undefined;
  /** @default now */
  readonly at?: Date | undefined;
}

/**
 * Makes the certificate and key that `@apns/http2`, `@apns/binary` and Node's TLS take, out of whatever Apple's portal
 * and Keychain gave: a `.p12` of any age; a `.pem` with both; a `.cer` and a key, each in a file of its own, in any
 * order. Certificates of issuers that are found too follow it in `cert`. They are not given as `ca`: that is whom a
 * client trusts, and Apple's servers have certificates of another authority.
 * @throws {CredentialsError} with the next step to take, by any of its codes
 */
export function readIdentity(
  files: CredentialFile | readonly CredentialFile[],
  options: ReadIdentityOptions = {},
): PemIdentity {
  return toPemIdentity(findIdentity(files, options));
}

/** @throws {CredentialsError} as `readIdentity` */
function findIdentity(files: CredentialFile | readonly CredentialFile[], options: ReadIdentityOptions): KeyHolder {
  const found = collectFiles(files, options);
  const { holders } = pairKeys(found.certificates, found.keys);
  const at = options.at ?? new Date();
  const holder = holders.length <= 1 ? holders[0] : choose(holders, at, found.description);
  if (holder === undefined) throw incomplete(found);
  if (options.checkValidity ?? true) assertValidAt(holder.certificate, at, found.description);
  return holder;
}

/** Keychain exports what was selected, and keeps expired certificates beside their successors. */
function choose(holders: readonly KeyHolder[], at: Date, description: string): KeyHolder {
  const narrowed = [isForPush, (holder: KeyHolder) => holder.certificate.validityAt(at) === "valid"].reduce(
    (rest, isBetter) => {
      const better = rest.filter(isBetter);
      return better.length === 0 ? rest : better;
    },
    holders,
  );
  if (narrowed.length === 1) return narrowed[0]!;
  const names = narrowed.map(({ certificate }) => certificate.commonName ?? "without a name");
  throw new CredentialsError(
    "ERR_APNS_CREDENTIALS_AMBIGUOUS",
    `${description} holds ${narrowed.length} certificates with their keys (${names.slice(0, 8).join("; ")})`,
    "export the one that is meant, alone.",
  );
}

function isForPush({ certificate }: KeyHolder): boolean {
  return describe(certificate).environments.length > 0;
}

function assertValidAt(certificate: Certificate, at: Date, description: string): void {
  const state = certificate.validityAt(at);
  if (state === "expired") {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_EXPIRED",
      `the certificate in ${description} expired at ${certificate.description.notAfter.toISOString()}`,
      `make a new one in Apple's portal (this machine's clock says ${at.toISOString()}).`,
    );
  }
  if (state === "not-yet-valid") {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_NOT_YET_VALID",
      `the certificate in ${description} is not valid before ${certificate.description.notBefore.toISOString()}`,
      `set this machine's clock, which says ${at.toISOString()}.`,
    );
  }
}

function incomplete({ certificates, keys, description, hasP12 }: CollectedFiles): CredentialsError {
  if (certificates.length > 0 && keys.length > 0) return keyMismatch(description, description);
  if (keys.length > 0) {
    return new CredentialsError(
      "ERR_APNS_CREDENTIALS_NO_CERTIFICATE",
      `${description} holds a private key, but no certificate`,
      "give the .cer that Apple's portal made for this key as well (a .p8 is for provider tokens and needs none).",
    );
  }
  if (hasP12 && certificates.length > 0) {
    return new CredentialsError(
      "ERR_APNS_CREDENTIALS_NO_PRIVATE_KEY",
      `${description} holds only a certificate`,
      "export it again from Keychain with its private key: open My Certificates, unfold the certificate and select both.",
    );
  }
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_NO_PRIVATE_KEY",
    `${description} holds ${certificates.length === 0 ? "neither a certificate nor a private key" : "only a certificate"}`,
    "give the private key that was made with its signing request as well, or a .p12 exported with its private key.",
  );
}
