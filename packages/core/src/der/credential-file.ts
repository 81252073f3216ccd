// From the content of a file, an environment variable or a secret store to the keys and certificates in it, whatever the
// wrapping: DER; PEM in ASCII or UTF-16, with a byte order mark or without; PEM whose line breaks were lost or escaped, once
// or several times; the base64 between BEGIN and END alone; base64 of any of these, as Kubernetes and CI systems keep
// files. All packages read credentials by this function, so that none refuses a form that another takes.
import { decodeBase64 } from "./base64.js";
import { describeUnknownFile, type FileFormat, formatOfDer } from "./file-format.js";
import { DerReader } from "./reader.js";

/** The largest input that is read: 1 MiB. Apple's files have a few KiB; chains and bundles not much more. */
export const maxCredentialFileBytes = 1_048_576;

/** How many PEM blocks one file may hold. */
const maxBlocks = 64;

/** How many times a file may be wrapped in base64: by a secret store, and by whoever put it there. */
const maxBase64Layers = 3;

/** One key, certificate or other thing that was found in a file. */
export interface CredentialItem {
  readonly format: FileFormat;
  /** DER; of a provider token, its characters. */
  readonly der: Uint8Array;
  /** The whole block, where PEM headers say how it is encrypted: OpenSSL's traditional private keys. */
  readonly encryptedPem?: string;
  /** The file was no DER, nor PEM with lines: other programs may not read it as it is. */
  readonly wasRepaired: boolean;
}

/** The items of a file, at least one, or why there are none. `problem` goes behind the name of the file. */
export type CredentialFileContent =
  | { readonly kind: "items"; readonly items: readonly CredentialItem[] }
  | { readonly kind: "empty" }
  | { readonly kind: "tooLarge"; readonly problem: string; readonly fix: string }
  | { readonly kind: "unreadable"; readonly problem: string; readonly fix: string };

/** Finds the keys and certificates in the content of a file. Never throws; nothing is decoded further than to tell its format. */
export function readCredentialFile(content: string | Uint8Array): CredentialFileContent {
  // A text has at least as many bytes as characters, and is not encoded before it is known to be short.
  if (content.length > maxCredentialFileBytes) return tooLarge(content.length);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length > maxCredentialFileBytes) return tooLarge(bytes.length);
  if (bytes.every(isBlank)) return { kind: "empty" };
  const { items, hasBegin } = readBytes(bytes, 0);
  if (items.length > maxBlocks) {
    return {
      kind: "tooLarge",
      problem: `holds more than ${maxBlocks} PEM blocks`,
      fix: "give the certificate, its key and those that issued it, not a whole store.",
    };
  }
  if (items.length > 0) return { kind: "items", items };
  if (hasBegin) {
    return {
      kind: "unreadable",
      problem: "begins like PEM, but has no complete block",
      fix: 'copy it again, from "-----BEGIN" to the "-----" behind END.',
    };
  }
  return {
    kind: "unreadable",
    problem: `is ${describeUnknownFile(bytes)}`,
    fix: "give the .cer, .p12, .pem, .key or .p8 file as Apple's portal or Keychain wrote it.",
  };
}

function tooLarge(sizeBytes: number): CredentialFileContent {
  return {
    kind: "tooLarge",
    problem: `has ${sizeBytes} bytes`,
    fix: `keys and certificates have a few thousand, and at most ${maxCredentialFileBytes} are read; give the right file.`,
  };
}

interface Found {
  /** At most one more than may be. */
  readonly items: CredentialItem[];
  /** Whether a PEM block begins in the text, complete or not. */
  readonly hasBegin: boolean;
}

const nothing: Found = { items: [], hasBegin: false };

function readBytes(bytes: Uint8Array, layers: number): Found {
  // "0" is a SEQUENCE's tag and a digit: text may begin with it.
  const format = bytes[0] === 0x30 ? formatOfDer(bytes) : "unknown";
  if (format !== "unknown") {
    return { items: [{ format, der: withoutLineEnd(bytes), wasRepaired: layers > 0 }], hasBegin: false };
  }
  const { text: raw, isUtf16 } = decodeText(bytes);
  const text = raw.replaceAll(escapedLineEnd, "\n");
  const hasBegin = text.includes("-----BEGIN ");
  const found = hasBegin ? { items: readBlocks(text), hasBegin } : readBareText(text, layers);
  if (text === raw && !isUtf16 && layers === 0) return found;
  return { ...found, items: found.items.map((item) => ({ ...item, wasRepaired: true })) };
}

/** DER without the line end that some tools write behind it; whatever else follows is left for the decoder to refuse. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (isBlank(bytes[end - 1]!)) end--;
  if (end === bytes.length) return bytes;
  // A value may end in such a byte itself.
  try {
    const { encoded } = new DerReader(bytes).next("the file");
    return encoded.length >= end ? encoded : bytes;
  } catch {
    return bytes;
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/**
 * Line ends as JSON, shells and environment variables escape them, up to four times over: backslashes and a letter. Without a
 * limit, a megabyte of backslashes would be searched from each of them on.
 */
const escapedLineEnd = /\\{1,8}(?:r\\{1,8}n|[nr]|(?=\r?\n))/g;

/** UTF-8's and UTF-16's byte order marks; the last one is UTF-16's, read as UTF-8 and written again. */
const byteOrderMarks = [
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
  [0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd],
] as const;

/** Text in the encodings that editors write. All that counts in it is ASCII, so a zero byte beside each tells UTF-16. */
function decodeText(bytes: Uint8Array): { readonly text: string; readonly isUtf16: boolean } {
  const mark = byteOrderMarks.find((octets) => octets.every((octet, index) => bytes[index] === octet));
  const rest = bytes.subarray(mark?.length ?? 0);
  const littleEndian = rest[1] === 0 && rest[3] === 0;
  const bigEndian = rest[0] === 0 && rest[2] === 0;
  if (!littleEndian && !bigEndian) return { text: new TextDecoder("latin1").decode(rest), isUtf16: false };
  const characters = rest.filter((_, index) => index % 2 === (littleEndian ? 0 : 1));
  return { text: new TextDecoder("latin1").decode(characters), isUtf16: true };
}

function readBlocks(text: string): CredentialItem[] {
  const items: CredentialItem[] = [];
  for (const [, label, body] of text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*(?:-[^-]+)*)-----END \1-----/g)) {
    // The key that follows names its curve again.
    if (label === "EC PARAMETERS") continue;
    items.push(readBlock(label!, body!));
    if (items.length > maxBlocks) break;
  }
  return items;
}

function readBlock(label: string, body: string): CredentialItem {
  if (/Proc-Type: *4, *ENCRYPTED/.test(body)) {
    const encryptedPem = `-----BEGIN ${label}-----\n${body.trim()}\n-----END ${label}-----\n`.replaceAll("\r", "");
    return { format: "encrypted-private-key", der: new Uint8Array(0), encryptedPem, wasRepaired: false };
  }
  const der = decodeBase64(body) ?? new Uint8Array(0);
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

/** A provider token, or base64: of a file, or of what stands between BEGIN and END. */
function readBareText(text: string, layers: number): Found {
  // With the quotes of a settings file, and as a provider token stands in a request's header.
  const bare = text
    .trim()
    .replace(/^(["'`])([\s\S]*)\1$/, "$2")
    .trim()
    .replace(/^(?:authorization: *)?bearer +/i, "");
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(bare)) {
    return {
      items: [{ format: "provider-token", der: new TextEncoder().encode(bare), wasRepaired: false }],
      hasBegin: false,
    };
  }
  const bytes = layers < maxBase64Layers ? decodeBase64(bare) : undefined;
  return bytes === undefined || bytes.length === 0 ? nothing : readBytes(bytes, layers + 1);
}
