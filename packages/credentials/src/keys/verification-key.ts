import { createPublicKey, type KeyObject } from "node:crypto";
import { describePublicKey, type KeyAlgorithm } from "@apns/core/der";
import { CredentialsError } from "../credentials-error.js";
import { type CredentialFile, type CredentialItem, nameOf, readItems, wrongKind } from "../files/credential-file.js";
import { assertSigningAlgorithm } from "./key-algorithm.js";
import { isPrivateKey, openKeyFile } from "./private-key.js";

/**
 * The key that verifies provider tokens, out of the `.p8` they are signed with, or of its public half (SPKI).
 * @throws {CredentialsError} `…_KEY_UNSUITABLE` if it is not EC P-256, `…_WRONG_KIND` if it is no key, and whatever a file
 * can be refused for
 */
export function readVerificationKey(file: CredentialFile): KeyObject {
  const field = nameOf(file, "key");
  const items = readItems(field, file);
  const publicItem = items.find(({ format }) => format === "public-key");
  if (publicItem !== undefined) return parsePublicKey(field, publicItem);
  if (!items.some(isPrivateKey)) {
    throw wrongKind(field, items, "a key", "give the .p8 the token was signed with, or its public key.");
  }
  const { algorithm, object } = openKeyFile(file);
  assertSigningAlgorithm(field, algorithm);
  return createPublicKey(object);
}

function parsePublicKey(field: string, { der }: CredentialItem): KeyObject {
  let algorithm: KeyAlgorithm;
  try {
    algorithm = describePublicKey(der);
  } catch (cause) {
    throw damagedPublicKey(field, cause);
  }
  assertSigningAlgorithm(field, algorithm);
  try {
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch (cause) {
    throw damagedPublicKey(field, cause);
  }
}

function damagedPublicKey(field: string, cause: unknown): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNREADABLE",
    `${field} looks like a public key, but is damaged`,
    "copy it again, unchanged.",
    { cause },
  );
}
