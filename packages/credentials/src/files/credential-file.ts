// From what a caller has read somewhere (a file, an environment variable, a secret store) to the keys and certificates
// in it, whatever the wrapping: DER, PEM, several PEM blocks, PEM whose line breaks were lost or escaped on the way,
// base64 of any of these.
import { InvalidArgumentError } from "@apns/core";
import { CredentialsError } from "../credentials-error.js";
import { describeStranger, type FileFormat, formatNames, formatOfDer } from "./file-format.js";

/** The content of a file, not its path: bytes, or the text of a PEM file. With a name, errors call it by that. */
export type CredentialFile = string | Uint8Array | NamedFile;

export interface NamedFile {
  /** As the user knows it: a path, or the name of an environment variable. */
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** The largest input that is read: 1 MiB. Apple's files have a few KiB; chains and bundles not much more. */
export const maxCredentialFileBytes = 1_048_576;

/** How many PEM blocks one file may hold. */
const maxBlocks = 64;

/** One key, certificate or other thing that was found in a file. */
export interface CredentialItem {
  readonly format: FileFormat;
  readonly der: Buffer;
  /** The block itself where PEM headers say how it is encrypted: OpenSSL's traditional private keys. */
  readonly encryptedPem?: string;
  /** The file was PEM, but had lost its lines. */
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
  const bytes = toBytes(field, file);
  if (bytes[0] === 0x30) {
    const format = formatOfDer(bytes);
    // "0" is a sequence's tag and a digit: text may begin with it.
    if (format !== "unknown") return [{ format, der: bytes, wasRepaired: false }];
  }
  const raw = decodeText(bytes);
  const text = raw.replaceAll(escapedLineEnd, "\n");
  const found = text.includes("-----BEGIN ") ? readBlocks(field, text) : readBareText(field, text);
  const items = text === raw ? found : found.map((item) => ({ ...item, wasRepaired: true }));
  if (items.length > 0) return items;
  throw new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNREADABLE",
    text.includes("-----BEGIN ")
      ? `${field} begins like PEM, but has no complete block`
      : `${field} is ${describeStranger(bytes)}`,
    text.includes("-----BEGIN ")
      ? 'copy it again, from "-----BEGIN" to the "-----" behind END.'
      : "give the .cer, .p12, .pem, .key or .p8 file as Apple's portal or Keychain wrote it.",
  );
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

function toBytes(field: string, named: CredentialFile): Buffer {
  const file = isNamed(named) ? named.content : named;
  if (typeof file !== "string" && !(file instanceof Uint8Array)) {
    throw new InvalidArgumentError(field, "is neither text nor bytes: give the content of the file.");
  }
  const sizeBytes = typeof file === "string" ? Buffer.byteLength(file) : file.byteLength;
  if (sizeBytes > maxCredentialFileBytes) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_TOO_LARGE",
      `${field} has ${sizeBytes} bytes`,
      `keys and certificates have a few thousand, and at most ${maxCredentialFileBytes} are read; give the right file.`,
    );
  }
  const bytes =
    typeof file === "string" ? Buffer.from(file) : Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))) {
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_EMPTY",
      `${field} is empty`,
      "download or export it again, and look whether the disk was full.",
    );
  }
  return bytes;
}

/** Line breaks as they come out of JSON and environment variables: a backslash and a letter. */
const escapedLineEnd = /\\r\\n|\\n|\\r/g;

/** Text in the encodings that editors write; what stands outside PEM blocks, such as a byte order mark, does not matter. */
function decodeText(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? "utf16le" : "latin1");
}

function readBlocks(field: string, text: string): CredentialItem[] {
  const items: CredentialItem[] = [];
  for (const [, label, body] of text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*(?:-[^-]+)*)-----END \1-----/g)) {
    // Parameters of an elliptic curve stand again in the key that follows.
    if (label === "EC PARAMETERS") continue;
    if (items.length === maxBlocks) {
      throw new CredentialsError(
        "ERR_APNS_CREDENTIALS_TOO_LARGE",
        `${field} holds more than ${maxBlocks} PEM blocks`,
        "give the certificate, its key and those that issued it, not a whole store.",
      );
    }
    items.push(readBlock(label!, body!));
  }
  return items;
}

function readBlock(label: string, body: string): CredentialItem {
  if (/Proc-Type: *4, *ENCRYPTED/.test(body)) {
    const encryptedPem = `-----BEGIN ${label}-----\n${body.trim()}\n-----END ${label}-----\n`.replaceAll("\r", "");
    return { format: "encrypted-private-key", der: Buffer.alloc(0), encryptedPem, wasRepaired: false };
  }
  const der = Buffer.from(body.replaceAll(/\s/g, ""), "base64");
  const wasRepaired = !/^\r?\n(?:[A-Za-z0-9+/=]{1,76}\r?\n)+$/.test(body);
  const format = formatOfDer(der);
  return { format: format === "unknown" ? formatOfLabel(label) : format, der, wasRepaired };
}

/** The format that the label of a block claims, for a content of no known format: its decoder will find it damaged. */
function formatOfLabel(label: string): FileFormat {
  if (label === "OPENSSH PRIVATE KEY") return "openssh-key";
  if (label.endsWith("PRIVATE KEY")) return "private-key";
  return label.endsWith("CERTIFICATE") ? "certificate" : "unknown";
}

/** A provider token, or base64: of a PEM file, or of what stands between its BEGIN and END. */
function readBareText(field: string, text: string): CredentialItem[] {
  // As it stands in a request's header.
  const bare = text.trim().replace(/^(?:authorization: *)?bearer +/i, "");
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(bare)) {
    return [{ format: "provider-token", der: Buffer.from(bare), wasRepaired: false }];
  }
  // As base64 or base64url.
  if (!/^[\w+/\s-]+={0,2}$/.test(bare)) return [];
  const der = Buffer.from(bare.replaceAll(/\s/g, ""), "base64");
  const decoded = der.toString("latin1").replaceAll(escapedLineEnd, "\n");
  // The base64 of a whole PEM file, as variables hold it that cannot hold line breaks.
  if (decoded.includes("-----BEGIN "))
    return readBlocks(field, decoded).map((item) => ({ ...item, wasRepaired: true }));
  const format = formatOfDer(der);
  return format === "unknown" ? [] : [{ format, der, wasRepaired: true }];
}
