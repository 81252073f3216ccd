import { Certificate } from "../certificates/certificate.js";
import { CredentialsError } from "../credentials-error.js";
import { DerivationBudget } from "../encryption/derivation-budget.js";
import { type CredentialFile, type CredentialItem, nameOf, readItems, wrongKind } from "../files/credential-file.js";
import { isPrivateKey, openPrivateKey, type PassphraseOptions, type PrivateKey } from "../keys/private-key.js";
import { openPfx } from "../p12/read-p12.js";

/** How many files one identity may be spread over. */
const maxFiles = 16;

/** How many certificates and keys: they are all compared with each other. */
const maxFound = 64;

/** The certificates and keys of several files together. */
export interface CollectedFiles {
  readonly certificates: Certificate[];
  readonly keys: PrivateKey[];
  /** How the files are called together in errors. */
  readonly description: string;
  readonly hasP12: boolean;
}

/**
 * Reads certificates and private keys out of files of any form.
 * @throws {CredentialsError} `…_WRONG_KIND` if one is of another kind, or whatever a file can be refused for
 */
export function collectFiles(
  given: CredentialFile | readonly CredentialFile[],
  options: PassphraseOptions,
): CollectedFiles {
  const files = Array.isArray(given) ? (given as readonly CredentialFile[]) : [given as CredentialFile];
  if (files.length === 0 || files.length > maxFiles) {
    throw new CredentialsError(
      files.length === 0 ? "ERR_APNS_CREDENTIALS_EMPTY" : "ERR_APNS_CREDENTIALS_TOO_LARGE",
      `${files.length} files were given`,
      "give one .p12 or .pem, or a certificate and its key.",
    );
  }
  const names = files.map((file, index) => nameOf(file, files.length === 1 ? "the file" : `file ${index + 1}`));
  const certificates: Certificate[] = [];
  const keys: PrivateKey[] = [];
  const description = names.join(" and ");
  const budget = new DerivationBudget(description);
  let hasP12 = false;
  for (const [index, file] of files.entries()) {
    const name = names[index]!;
    const items = readItems(name, file);
    const isOfUse = (item: CredentialItem) =>
      item.format === "certificate" || item.format === "p12" || isPrivateKey(item);
    // Beside what is of use, a file may hold parameters, a signing request or a public key.
    if (!items.some(isOfUse)) {
      throw wrongKind(name, items, "a certificate or private key", "give a .p12, or the .cer and its key.");
    }
    for (const item of items.filter(isOfUse)) {
      if (item.format === "certificate") certificates.push(new Certificate(name, item.der));
      else if (isPrivateKey(item)) keys.push(openPrivateKey(name, item, options, budget));
      else {
        const opened = openPfx(name, item.der, options.passphrase, budget);
        certificates.push(...opened.certificates);
        keys.push(...opened.keys);
        hasP12 = true;
      }
    }
    if (certificates.length + keys.length > maxFound) {
      throw new CredentialsError(
        "ERR_APNS_CREDENTIALS_TOO_LARGE",
        `${description} holds more than ${maxFound} certificates and keys`,
        "give the certificate, its key and those that issued it, not a whole store.",
      );
    }
  }
  return { certificates, keys, description, hasP12 };
}
