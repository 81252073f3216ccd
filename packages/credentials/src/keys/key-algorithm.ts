import type { KeyAlgorithm } from "@apns/core/der";
import { CredentialsError } from "../credentials-error.js";

/** The kind of a key, for people: such as `RSA 2048` or `EC prime256v1`. */
export function describeAlgorithm(algorithm: KeyAlgorithm): string {
  switch (algorithm.type) {
    case "rsa":
    case "rsa-pss":
      return `${algorithm.type.toUpperCase()} ${algorithm.modulusBits}`;
    case "ec":
      return `EC ${algorithm.curve}`;
    case "other":
      return algorithm.name;
    default:
      return algorithm.type.toUpperCase();
  }
}

/** @throws {CredentialsError} `…_KEY_UNSUITABLE` if a key, private or public, is not EC P-256 */
export function assertSigningAlgorithm(field: string, algorithm: KeyAlgorithm): void {
  if (algorithm.type === "ec" && algorithm.curve === "prime256v1") return;
  throw new CredentialsError(
    "ERR_APNS_CREDENTIALS_KEY_UNSUITABLE",
    `${field} is a key of kind ${describeAlgorithm(algorithm)}, but provider tokens are signed with EC P-256`,
    "give the AuthKey_….p8 from Apple's portal, under Keys; the key of a certificate is something else.",
  );
}
