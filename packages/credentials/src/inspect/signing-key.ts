import { createPublicKey } from "node:crypto";
import { type CredentialFile, nameOf, readItems, wrongKind } from "../files/credential-file.js";
import { assertSigningAlgorithm } from "../keys/key-algorithm.js";
import { findOnlyKey, openPrivateKey, type PassphraseOptions } from "../keys/private-key.js";

/** The public facts of a signing key. */
export interface SigningKeyReport {
  /** From the name Apple gives the file, `AuthKey_ABC123DEFG.p8`; undefined if it has another. */
  readonly keyId: string | undefined;
  /** Verifies what the key signs: SPKI PEM. */
  readonly publicKey: string;
  /**
   * The file was neither DER nor PEM as it should be: line ends were lost or escaped, or it was UTF-16 or base64. All packages of
   * this family read it as it is, other programs may not: `readPrivateKey` returns it mended.
   */
  readonly wasRepaired: boolean;
}

/**
 * Says whether a file is a key that provider tokens can be signed with: EC P-256, what Apple's portal hands out as `.p8`.
 * To learn the key ID, give the file with its name.
 * @throws {CredentialsError} `…_KEY_UNSUITABLE` if it is a key of another kind, `…_WRONG_KIND` if it is none, and
 * whatever a file can be refused for
 */
export function inspectSigningKey(file: CredentialFile, options: PassphraseOptions = {}): SigningKeyReport {
  const field = nameOf(file, "signing key");
  const items = readItems(field, file);
  const item = findOnlyKey(field, items);
  if (item === undefined) {
    throw wrongKind(field, items, "a signing key", "give the AuthKey_….p8 from Apple's portal, under Keys.");
  }
  const { algorithm, object } = openPrivateKey(field, item, options);
  assertSigningAlgorithm(field, algorithm);
  return {
    keyId: /(?:^|[/\\])(?:APNs)?AuthKey_([A-Z0-9]{10})\b[^/\\]*$/.exec(nameOf(file, ""))?.[1],
    publicKey: createPublicKey(object).export({ type: "spki", format: "pem" }) as string,
    wasRepaired: item.wasRepaired,
  };
}
