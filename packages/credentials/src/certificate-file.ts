import { X509Certificate } from "node:crypto";
import { type CredentialFile, nameOf, readItems, wrongKind } from "./credential-file.js";
import { CredentialsError } from "./credentials-error.js";
import { formatNames } from "./file-format.js";

/** The first certificate in a `.cer` or `.pem` as DER: what Apple's portal calls `.cer`. */
export function writeCertificateDer(file: CredentialFile): Buffer {
  return parseCertificates(nameOf(file, "certificate"), file)[0]!.raw;
}

/** At least one. */
export function parseCertificates(field: string, file: CredentialFile): X509Certificate[] {
  const items = readItems(field, file);
  const certificates = items.filter(({ format }) => format === "certificate");
  if (certificates.length > 0) return certificates.map(({ der }) => parseCertificate(field, der));
  if (items.some(({ format }) => format === "private-key" || format === "encrypted-private-key")) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_NO_CERTIFICATE",
      `${field} holds ${formatNames["private-key"]}, but no certificate`,
      "give the .cer that Apple's portal made for this key.",
    );
  }
  throw wrongKind(field, items, "a certificate", "give the .cer or .pem of one.");
}

export function parseCertificate(field: string, der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw damaged(field, cause);
  }
}

/** The error for bytes that begin like a certificate. */
export function damaged(field: string, cause: unknown): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNREADABLE",
    `${field} looks like a certificate, but is damaged`,
    "download it from Apple's portal again.",
    { cause },
  );
}
