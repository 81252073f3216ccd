import { createPrivateKey, type KeyObject } from "node:crypto";
import { checkText } from "@apns/core";
import { type CredentialFile, type CredentialItem, nameOf, readItems, wrongKind } from "./credential-file.js";
import { CredentialsError } from "./credentials-error.js";
import { children, octetsOf, parseAsn1 } from "./p12/asn1.js";
import { type Decrypted, DerivationBudget, decryptByPassphrase } from "./p12/pbe.js";

export interface PassphraseOptions {
  /** What the file is encrypted with. Not needed, and ignored, where nothing is encrypted. */
  readonly passphrase?: string | undefined;
}

/**
 * The private key in a file of any form (PKCS#8, PKCS#1, SEC 1; PEM or DER; encrypted or not), as PKCS#8 PEM without
 * encryption.
 * @throws {CredentialsError} `…_WRONG_KIND` if it is something else, `…_NO_PRIVATE_KEY` if it holds certificates only,
 * `…_AMBIGUOUS` if it holds several keys, `…_PASSPHRASE_MISSING`, `…_PASSPHRASE_WRONG`, `…_UNSUPPORTED` and whatever
 * a file can be refused for
 */
export function readPrivateKey(file: CredentialFile, options: PassphraseOptions = {}): string {
  const field = nameOf(file, "key");
  const items = readItems(field, file);
  const keys = items.filter(isPrivateKey);
  const [key] = keys;
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
  if (keys.length > 1) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_AMBIGUOUS",
      `${field} holds ${keys.length} private keys`,
      "leave only the one that is meant.",
    );
  }
  return privateKeyPem(openPrivateKey(field, key, options));
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
  const pem = readPrivateKey(key);
  if (options.passphrase === undefined) return pem;
  const passphrase = checkText("passphrase", options.passphrase);
  return createPrivateKey(pem).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }) as string;
}

export function isPrivateKey({ format }: CredentialItem): boolean {
  return format === "private-key" || format === "encrypted-private-key";
}

export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

/** @throws {CredentialsError} as `readPrivateKey` */
export function openPrivateKey(
  field: string,
  item: CredentialItem,
  { passphrase }: PassphraseOptions,
  budget: DerivationBudget = new DerivationBudget(field),
): KeyObject {
  if (item.format === "private-key") return parsePrivateKey(field, item.der);
  if (passphrase === undefined) throw passphraseMissing(field);
  if (item.encryptedPem !== undefined) {
    try {
      return createPrivateKey({ key: item.encryptedPem, format: "pem", passphrase });
    } catch (cause) {
      if ((cause as { code?: string }).code === "ERR_OSSL_UNSUPPORTED") {
        throw new CredentialsError(
          "ERR_APNS_CREDENTIALS_UNSUPPORTED",
          `${field} is encrypted with a cipher that this Node does not have`,
          "convert it where it was made: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW",
          { cause },
        );
      }
      throw passphraseWrong(field);
    }
  }
  const decrypted = decryptPkcs8(field, item.der, passphrase, budget);
  // Padding that is right by chance leaves bytes that are no key.
  if (decrypted.bytes === undefined || decrypted.bytes[0] !== 0x30) throw passphraseWrong(field);
  return parsePrivateKey(field, decrypted.bytes);
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

/** DER of PKCS#8, PKCS#1 or SEC 1. */
export function parsePrivateKey(field: string, der: Buffer): KeyObject {
  let problem: unknown;
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    try {
      return createPrivateKey({ key: der, format: "der", type });
    } catch (cause) {
      problem = cause;
    }
  }
  throw damagedKey(field, problem);
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
