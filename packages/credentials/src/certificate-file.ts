import { Certificate } from "./certificate.js";
import { type CredentialFile, nameOf, readItems, wrongKind } from "./credential-file.js";
import { CredentialsError } from "./credentials-error.js";
import { formatNames } from "./file-format.js";

/** The first certificate in a `.cer` or `.pem` as DER: what Apple's portal calls `.cer`. */
export function writeCertificateDer(file: CredentialFile): Buffer {
  return parseCertificates(nameOf(file, "certificate"), file)[0]!.der;
}

/** At least one. */
export function parseCertificates(field: string, file: CredentialFile): Certificate[] {
  const items = readItems(field, file);
  const certificates = items.filter(({ format }) => format === "certificate");
  if (certificates.length > 0) return certificates.map(({ der }) => new Certificate(field, der));
  if (items.some(({ format }) => format === "private-key" || format === "encrypted-private-key")) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_NO_CERTIFICATE",
      `${field} holds ${formatNames["private-key"]}, but no certificate`,
      "give the .cer that Apple's portal made for this key.",
    );
  }
  throw wrongKind(field, items, "a certificate", "give the .cer or .pem of one.");
}
