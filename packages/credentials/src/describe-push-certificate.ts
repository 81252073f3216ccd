import { ApnsError } from "@apns/core";
import { certificateDer } from "./pem.js";
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
 * Reads what a push certificate is for.
 * @param pemOrDer PEM text or bytes (of a chain, the first certificate counts), or DER bytes
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if it is not a certificate
 */
export function describePushCertificate(pemOrDer: string | Uint8Array): PushCertificateDescription {
  const certificate = parse(certificateDer(pemOrDer));
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

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new ApnsError(
      "ERR_APNS_CREDENTIALS",
      `certificate: ${der.length} bytes that are not an X.509 certificate; give the PEM or DER of one (a .p12 or .p8 is something else).`,
      { cause },
    );
  }
}

function topicsOf(list: Uint8Array | undefined, uid: string | undefined): PushCertificateTopic[] {
  if (list === undefined) return uid === undefined ? [] : [{ topic: uid, kind: "app" }];
  try {
    return decodeTopics(list);
  } catch (cause) {
    throw new ApnsError(
      "ERR_APNS_CREDENTIALS",
      `certificate: its list of topics (extension ${topicsOid}) cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}
