import { type PushCertificateClaims, pushExtensions, readPushCertificate } from "@apns/core/der";
import { CredentialsError } from "../credentials-error.js";
import { type CredentialFile, nameOf } from "../files/credential-file.js";
import { type Certificate, parseCertificates } from "./certificate.js";

/** The content of a push certificate, none of it verified. */
export interface PushCertificateDescription extends PushCertificateClaims {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hexadecimal digits, lower case. */
  readonly serialNumber: string;
}

/**
 * Reads what a push certificate is for. `inspectCertificates` says more, of more kinds of files.
 * @param file a certificate in any form (of a chain, the first one counts)
 * @throws {CredentialsError} `…_NO_CERTIFICATE`, `…_WRONG_KIND`, `…_UNREADABLE` if it is not a certificate
 */
export function describePushCertificate(file: CredentialFile): PushCertificateDescription {
  return describe(parseCertificates(nameOf(file, "certificate"), file)[0]!);
}

/** @throws {CredentialsError} `…_UNREADABLE` if its list of topics is damaged */
export function describe({ description }: Certificate): PushCertificateDescription {
  const { notBefore, notAfter, serialNumber } = description;
  try {
    return { ...readPushCertificate(description), notBefore, notAfter, serialNumber };
  } catch (cause) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_UNREADABLE",
      `the certificate's list of topics (extension ${pushExtensions.topics}) cannot be read`,
      "download the certificate from Apple's portal again.",
      { cause },
    );
  }
}
