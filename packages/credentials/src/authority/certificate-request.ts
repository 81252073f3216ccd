import { webcrypto } from "node:crypto";
import { InvalidArgumentError } from "@apns/core";
import { checkText } from "@apns/core/internal";
import { exportPrivateKey, generateKeyPair, signingAlgorithms } from "../keys/key-pair.js";
import { type JsonName, Pkcs10CertificateRequestGenerator } from "./x509.js";

export interface CertificateRequestOptions {
  /** The address of the applicant, as Keychain's assistant asks for it; Apple sets the subject of the certificate itself. */
  readonly emailAddress: string;
  /** A name for the key, at most 64 characters. */
  readonly commonName: string;
  /** Two letters, such as `DE`. @default none */
  readonly country?: string | undefined;
}

export interface CertificateRequest {
  /** The request, PEM: what Apple's portal takes as `.certSigningRequest`. */
  readonly csr: string;
  /** Its private key, PKCS#8 PEM. Keep it: the certificate is of no use without, and nobody else has it. */
  readonly key: string;
}

/**
 * A new key (RSA with 2048 bits, as Apple's portal demands) and the signing request for it: what Keychain's "Request a
 * Certificate From a Certificate Authority" does.
 * @throws {InvalidArgumentError}
 */
export async function createCertificateRequest(options: CertificateRequestOptions): Promise<CertificateRequest> {
  const commonName = checkText("commonName", options.commonName);
  if (commonName.length > 64) {
    throw new InvalidArgumentError(
      "commonName",
      `has ${commonName.length} characters; at most 64 are allowed (X.520).`,
    );
  }
  const emailAddress = checkText("emailAddress", options.emailAddress);
  // As an IA5String, it has nothing but ASCII.
  if (!/^[!-?A-~]+@[!-?A-~]+$/.test(emailAddress) || emailAddress.length > 255) {
    throw new InvalidArgumentError("emailAddress", "is not an e-mail address in ASCII such as jane@example.com.");
  }
  const { country } = options;
  if (country !== undefined && !/^[A-Z]{2}$/.test(country)) {
    throw new InvalidArgumentError("country", 'is not two capital letters such as "DE".');
  }
  const name: JsonName = [
    { E: [emailAddress] },
    { CN: [commonName] },
    ...(country === undefined ? [] : [{ C: [country] }]),
  ];
  const keyPair = await generateKeyPair("rsa");
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name, keys: keyPair.keys, signingAlgorithm: signingAlgorithms.rsa },
    webcrypto,
  );
  return { csr: `${request.toString("pem")}\n`, key: await exportPrivateKey(keyPair) };
}
