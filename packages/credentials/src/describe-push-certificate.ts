import { damaged, parseCertificates } from "./certificate-file.js";
import { type CredentialFile, nameOf } from "./credential-file.js";
import { CredentialsError } from "./credentials-error.js";
import {
  decodeTopics,
  developmentOid,
  type PushCertificateTopic,
  productionOid,
  topicsOid,
} from "./push-extensions.js";
import { X509Certificate } from "./x509.js";

/** What a push certificate says about itself. Nothing of it is verified here. */
export interface PushCertificateDescription {
  /** The subject's UID: the bundle ID, or another kind of topic. */
  readonly uid: string | undefined;
  /** The topics it covers: those it lists, else its UID. */
  readonly topics: readonly PushCertificateTopic[];
  /** Empty for a certificate that is not for pushing. */
  readonly environments: readonly ("production" | "development")[];
  /** The subject's OU. */
  readonly teamId: string | undefined;
  readonly commonName: string | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hexadecimal digits, lower case. */
  readonly serialNumber: string;
}

/**
 * Reads what a push certificate is for. `inspectCertificates` says more, of more kinds of files.
 * @param file PEM text or bytes (of a chain, the first certificate counts), or DER bytes
 * @throws {CredentialsError} `…_NO_CERTIFICATE`, `…_WRONG_KIND`, `…_UNREADABLE` if it is not a certificate
 */
export function describePushCertificate(file: CredentialFile): PushCertificateDescription {
  const certificate = parse(file);
  const subject = (field: string): string | undefined => certificate.subjectName.getField(field)[0];
  const extension = (oid: string): Uint8Array | undefined => {
    const value = certificate.getExtension(oid)?.value;
    return value === undefined ? undefined : new Uint8Array(value);
  };
  const uid = subject("0.9.2342.19200300.100.1.1");
  const environments: ("production" | "development")[] = [];
  if (extension(productionOid) !== undefined) environments.push("production");
  if (extension(developmentOid) !== undefined) environments.push("development");
  return {
    uid,
    topics: topicsOf(extension(topicsOid), uid),
    environments,
    teamId: subject("OU"),
    commonName: subject("CN"),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    serialNumber: certificate.serialNumber.toLowerCase(),
  };
}

function parse(certificate: CredentialFile): X509Certificate {
  const field = nameOf(certificate, "certificate");
  const { raw } = parseCertificates(field, certificate)[0]!;
  try {
    return new X509Certificate(raw);
  } catch (cause) {
    throw damaged(field, cause);
  }
}

function topicsOf(list: Uint8Array | undefined, uid: string | undefined): PushCertificateTopic[] {
  if (list === undefined) return uid === undefined ? [] : [{ topic: uid, kind: "app" }];
  try {
    return decodeTopics(list);
  } catch (cause) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_UNREADABLE",
      `the certificate's list of topics (extension ${topicsOid}) cannot be read`,
      "download the certificate from Apple's portal again.",
      { cause },
    );
  }
}
