// Apart from `createCertificateRequest`: see push-certificate-options.ts.
import { webcrypto } from "node:crypto";
import { describePublicKey } from "@apns/core/der";
import { CredentialsError } from "../credentials-error.js";
import { type CredentialFile, nameOf, readItems, wrongKind } from "../files/credential-file.js";
import { Pkcs10CertificateRequest } from "./x509.js";

/**
 * Reads a signing request and proves that who made it has the private key.
 * @throws {CredentialsError} `…_WRONG_KIND`, `…_UNREADABLE`
 */
export async function openRequest(file: CredentialFile): Promise<Pkcs10CertificateRequest> {
  const field = nameOf(file, "request");
  const items = readItems(field, file);
  const item = items.find(({ format }) => format === "certificate-request");
  if (item === undefined) {
    throw wrongKind(field, items, "a certificate signing request", "give the .csr or .certSigningRequest.");
  }
  let problem: unknown;
  try {
    const request = new Pkcs10CertificateRequest(item.der);
    // Node imports no other kind, and must not see what its native code cannot be trusted with.
    const { type } = describePublicKey(new Uint8Array(request.publicKey.rawData));
    if (type !== "other" && (await request.verify(webcrypto))) return request;
  } catch (cause) {
    problem = cause;
  }
  throw new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNREADABLE",
    `${field} is a certificate signing request, but damaged, or not signed by its own key`,
    "make it again.",
    { cause: problem },
  );
}
