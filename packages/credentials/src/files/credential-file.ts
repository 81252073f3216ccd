import { InvalidArgumentError } from "@apns/core";
import { type FileFormat, formatNames, readCredentialFile } from "@apns/core/der";
import { CredentialsError } from "../credentials-error.js";

/** The content of a file, not its path: bytes, or the text of a PEM file. With a name, errors call it by that. */
export type CredentialFile = string | Uint8Array | NamedFile;

export interface NamedFile {
  /** As the user knows it: a path, or the name of an environment variable. */
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** One key, certificate or other thing that was found in a file. */
export interface CredentialItem {
  readonly format: FileFormat;
  readonly der: Buffer;
  /** The whole block, where PEM headers say how it is encrypted: OpenSSL's traditional private keys. */
  readonly encryptedPem?: string;
  /** The file was no DER, nor PEM with lines: other programs may not read it as it is. */
  readonly wasRepaired: boolean;
}

/** The name of a file in errors. */
export function nameOf(file: CredentialFile, otherwise: string): string {
  return isNamed(file) ? file.name : otherwise;
}

/**
 * The keys, certificates and other things in a file, in its order; at least one.
 * @param field how the file is called in errors
 * @throws {InvalidArgumentError} if it is neither text nor bytes
 * @throws {CredentialsError} `…_EMPTY`, `…_TOO_LARGE`, `…_UNREADABLE`
 */
export function readItems(field: string, file: CredentialFile): CredentialItem[] {
  const content = isNamed(file) ? file.content : file;
  if (typeof content !== "string" && !(content instanceof Uint8Array)) {
    throw new InvalidArgumentError(field, "is neither text nor bytes: give the content of the file.");
  }
  const read = readCredentialFile(content);
  switch (read.kind) {
    case "items":
      return read.items.map(({ der, ...item }) => ({
        ...item,
        der: Buffer.from(der.buffer, der.byteOffset, der.byteLength),
      }));
    case "empty":
      throw new CredentialsError(
        "ERR_APNS_CREDENTIALS_EMPTY",
        `${field} is empty`,
        "download or export it again, and look whether the disk was full.",
      );
    default: {
      const code = read.kind === "tooLarge" ? "ERR_APNS_CREDENTIALS_TOO_LARGE" : "ERR_APNS_CREDENTIALS_UNREADABLE";
      throw new CredentialsError(code, `${field} ${read.problem}`, read.fix);
    }
  }
}

/** The error for a file of another kind than the one asked for. */
export function wrongKind(
  field: string,
  items: readonly CredentialItem[],
  wanted: string,
  fix: string,
): CredentialsError {
  if (items.every(({ format }) => format === "unknown")) {
    return new CredentialsError("ERR_APNS_CREDENTIALS_UNREADABLE", `${field} is damaged, or nothing known`, fix);
  }
  const names = [...new Set(items.map(({ format }) => formatNames[format]))].join(" and ");
  return new CredentialsError("ERR_APNS_CREDENTIALS_WRONG_KIND", `${field} is ${names}, not ${wanted}`, fix);
}

function isNamed(file: CredentialFile): file is NamedFile {
  return typeof file === "object" && file !== null && !(file instanceof Uint8Array) && typeof file.name === "string";
}
