import { attributeOf, attributeTypes } from "@apns/core/der";
import { CredentialsError } from "../credentials-error.js";
import { type CredentialFile, nameOf } from "../files/credential-file.js";
import { type Certificate, parseCertificates } from "./certificate.js";
import {
  decodeTopics,
  developmentOid,
  type PushCertificateTopic,
  productionOid,
  topicsOid,
} from "./push-extensions.js";

/** The content of a push certificate, none of it verified. */
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
  return describe(parseCertificates(nameOf(file, "certificate"), file)[0]!);
}

/** @throws {CredentialsError} `…_UNREADABLE` if its list of topics is damaged */
export function describe({ description, commonName }: Certificate): PushCertificateDescription {
  const { subject, extensions, notBefore, notAfter, serialNumber } = description;
  const uid = attributeOf(subject, attributeTypes.userId);
  const environments: ("production" | "development")[] = [];
  if (extensions.has(productionOid)) environments.push("production");
  if (extensions.has(developmentOid)) environments.push("development");
  return {
    uid,
    topics: topicsOf(extensions.get(topicsOid), uid),
    environments,
    teamId: attributeOf(subject, attributeTypes.organizationalUnit),
    commonName,
    notBefore,
    notAfter,
    serialNumber,
  };
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
