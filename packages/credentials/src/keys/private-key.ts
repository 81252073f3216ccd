import { createPrivateKey, type KeyObject } from "node:crypto";
import { describePrivateKey, type KeyAlgorithm, type PrivateKeyDescription } from "@apns/core/der";
import { checkText } from "@apns/core/internal";
import { CredentialsError } from "../credentials-error.js";
import { children, octetsOf, parseAsn1 } from "../encryption/asn1.js";
import { DerivationBudget } from "../encryption/derivation-budget.js";
import { type Decrypted, decryptByPassphrase } from "../encryption/pbe.js";
import { type CredentialFile, type CredentialItem, nameOf, readItems, wrongKind } from "../files/credential-file.js";
import { describeAlgorithm } from "./key-algorithm.js";

export interface PassphraseOptions {
  /** The passphrase of the file. Ignored where nothing is encrypted. */
  readonly passphrase?: string | undefined;
}

/** A private key that was checked before Node got it: see `parsePrivateKey`. */
export interface PrivateKey {
  readonly algorithm: KeyAlgorithm;
  readonly object: KeyObject;
}

/**
 * The private key in a file of any form (PKCS#8, PKCS#1, SEC 1; PEM or DER; encrypted or not), as PKCS#8 PEM without
 * encryption.
 * @throws {CredentialsError} `…_WRONG_KIND` if it is something else, `…_NO_PRIVATE_KEY` if it holds certificates only,
 * `…_AMBIGUOUS` if it holds several keys, `…_KEY_UNSUITABLE` if it is neither RSA nor on a curve of TLS 1.3,
 * `…_PASSPHRASE_MISSING`, `…_PASSPHRASE_WRONG`, `…_UNSUPPORTED` and whatever a file can be refused for
 */
export function readPrivateKey(file: CredentialFile, options: PassphraseOptions = {}): string {
  return privateKeyPem(openKeyFile(file, options));
}

/** @throws {CredentialsError} as `readPrivateKey` */
export function openKeyFile(file: CredentialFile, options: PassphraseOptions = {}): PrivateKey {
  const field = nameOf(file, "key");
  const items = readItems(field, file);
  const key = findOnlyKey(field, items);
  if (key === undefined) {
    if (items.some(({ format }) => format === "certificate")) {
      throw new CredentialsError(
        "ERR_APNS_CREDENTIALS_NO_PRIVATE_KEY",
        `${field} holds a certificate, but no private key`,
        "give the key that was made along with the signing request; Apple never had it, so the portal cannot help.",
      );
    }
    throw wrongKind(field, items, "a private key", "give the .key, .pem or .p8 file of the key itself.");
  }
  return openPrivateKey(field, key, options);
}

/** @throws {CredentialsError} `…_AMBIGUOUS` if there are several */
export function findOnlyKey(field: string, items: readonly CredentialItem[]): CredentialItem | undefined {
  const keys = items.filter(isPrivateKey);
  if (keys.length <= 1) return keys[0];
  throw new CredentialsError(
    "ERR_APNS_CREDENTIALS_AMBIGUOUS",
    `${field} holds ${keys.length} private keys`,
    "leave only the one that is meant.",
  );
}

export interface WriteKeyOptions {
  /** Encrypts the key by AES-256 (PBES2), which every OpenSSL since 1.0 opens. */
  readonly passphrase?: string | undefined;
}

/**
 * A private key as PKCS#8 PEM, encrypted if there is a passphrase.
 * @param key PEM or DER, not encrypted
 */
export function writePrivateKey(key: CredentialFile, options: WriteKeyOptions = {}): string {
  const opened = openKeyFile(key);
  if (options.passphrase === undefined) return privateKeyPem(opened);
  const passphrase = checkText("passphrase", options.passphrase);
  return opened.object.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }) as string;
}

export function isPrivateKey({ format }: CredentialItem): boolean {
  return format === "private-key" || format === "encrypted-private-key";
}

export function privateKeyPem({ object }: PrivateKey): string {
  return object.export({ type: "pkcs8", format: "pem" }) as string;
}

/** @throws {CredentialsError} as `readPrivateKey` */
export function openPrivateKey(
  field: string,
  item: CredentialItem,
  { passphrase }: PassphraseOptions,
  budget: DerivationBudget = new DerivationBudget(field),
): PrivateKey {
  if (item.format === "private-key") return parsePrivateKey(field, item.der);
  if (passphrase === undefined) throw passphraseMissing(field);
  if (item.encryptedPem !== undefined) {
    return parsePrivateKey(field, exported(field, decryptPem(field, item.encryptedPem, passphrase)));
  }
  const decrypted = decryptPkcs8(field, item.der, passphrase, budget);
  // Padding that is right by chance leaves bytes that are no key.
  if (decrypted.bytes === undefined || decrypted.bytes[0] !== 0x30) throw passphraseWrong(field);
  return parsePrivateKey(field, decrypted.bytes);
}

/**
 * A key that OpenSSL encrypted in its traditional way, which only Node can decrypt. Not checked yet.
 * @throws {CredentialsError} `…_PASSPHRASE_WRONG`, `…_UNSUPPORTED`
 */
function decryptPem(field: string, pem: string, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: "pem", passphrase });
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_OSSL_UNSUPPORTED") throw passphraseWrong(field);
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_UNSUPPORTED",
      `${field} is encrypted with a cipher that this Node does not have`,
      "convert it where it was made: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW",
      { cause },
    );
  }
}

function exported(field: string, key: KeyObject): Buffer {
  try {
    return key.export({ type: "pkcs8", format: "der" });
  } catch (cause) {
    throw damagedKey(field, cause);
  }
}

/** @throws {CredentialsError} `…_UNREADABLE`, `…_UNSUPPORTED` */
function decryptPkcs8(field: string, der: Buffer, passphrase: string, budget: DerivationBudget): Decrypted {
  try {
    const [algorithm, data] = children(parseAsn1(der));
    return decryptByPassphrase(budget, algorithm!, passphrase, octetsOf(data));
  } catch (cause) {
    if (cause instanceof CredentialsError) throw cause;
    throw damagedKey(field, cause);
  }
}

/**
 * The one way in for private keys: what Node's native code cannot be trusted with is refused before it gets there.
 * @param der PKCS#8, PKCS#1 or SEC 1, not encrypted
 * @throws {CredentialsError} `…_UNREADABLE`, `…_KEY_UNSUITABLE`
 */
export function parsePrivateKey(field: string, der: Buffer): PrivateKey {
  let description: PrivateKeyDescription;
  try {
    description = describePrivateKey(der);
  } catch (cause) {
    throw damagedKey(field, cause);
  }
  const { format, algorithm } = description;
  if (algorithm.type === "other") {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_KEY_UNSUITABLE",
      `${field} is a key of kind ${describeAlgorithm(algorithm)}, which no push certificate and no provider token has`,
      "give the key of the certificate (RSA, or EC on P-256, P-384 or P-521), or the AuthKey_….p8 for provider tokens.",
    );
  }
  try {
    return { algorithm, object: createPrivateKey({ key: der, format: "der", type: format }) };
  } catch (cause) {
    throw damagedKey(field, cause);
  }
}

function damagedKey(field: string, cause: unknown): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNREADABLE",
    `${field} looks like a private key, but is damaged`,
    "copy or download it again, unchanged.",
    { cause },
  );
}

export function passphraseMissing(field: string): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_PASSPHRASE_MISSING",
    `${field} is protected by a passphrase`,
    "give the passphrase it was exported with.",
  );
}

export function passphraseWrong(field: string): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_PASSPHRASE_WRONG",
    `the passphrase does not open ${field}`,
    "give the one it was exported with (not that of the Mac's account or keychain), or export it again.",
  );
}
