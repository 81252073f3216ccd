// Every option, variable, entry of a configuration and argument that names a file to be read goes through here: it may be
// the path, what the file holds, base64 of that, or `-` for stdin.
import { isUtf8 } from "node:buffer";
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { isHiddenPath, secretKind, showPath } from "@apns/core/internal";
import { UnreadableFileError, UsageError } from "../errors.js";
import { reasonOf } from "./reason-of.js";
import { readStdin } from "./stdin.js";

/** A value that was given for a file, and the option, variable or setting that held it. */
export interface GivenFile {
  /** A path, what the file holds, base64 of that, or `-` for stdin. */
  readonly value: string;
  /** Where it was given, for messages: `--key`, `APNS_KEY`, `"key" in apns.json`. */
  readonly from: string;
  /** Where a relative path starts. @default the working folder */
  readonly folder?: string | undefined;
}

export interface FileContent {
  /** By which errors call it: its path, or where it was given. Never what it holds. */
  readonly name: string;
  /** As it was given; base64 of PEM and PEM without line breaks are left to whoever reads keys and certificates. */
  readonly content: Buffer;
  /** `undefined` if the content itself was given, or stdin. */
  readonly path: string | undefined;
}

export interface GivenFileOptions {
  /** Tells the content of such a file from a path. @default keys, certificates and provider tokens, by their form */
  readonly contentOf?: ((value: string, path: string) => Buffer | undefined) | undefined;
  /** Makes the error of a file that cannot be read. @default `UnreadableFileError` */
  readonly refuse?: ((from: string, problem: string, cause?: unknown) => Error) | undefined;
}

/** Keys and certificates have a few KiB, payloads less: a file of more is another one. */
const maxGivenBytes = 1_048_576;

/**
 * Reads what was given in place of a file, whichever way.
 * @throws {UsageError} or what `refuse` makes, which never repeats a value that may be a secret
 */
export async function readGivenFile(given: GivenFile, options: GivenFileOptions = {}): Promise<FileContent> {
  const { value, from } = given;
  if (value !== "-") return readGivenFileSync(given, options);
  return { name: "stdin", content: await readStdin(from, maxGivenBytes), path: undefined };
}

/** The same where nothing is piped in. */
export function readGivenFileSync(
  { value, from, folder }: GivenFile,
  { contentOf = credentialIn, refuse = unreadable }: GivenFileOptions = {},
): FileContent {
  const path = folder === undefined ? value : resolve(folder, value);
  const content = contentOf(value, path);
  if (content !== undefined) return { name: from, content, path: undefined };
  let read: Buffer;
  try {
    read = readBounded(path);
  } catch (error) {
    const hint = isHiddenPath(value) ? "; give a path, what the file holds, base64 of that, or - for stdin" : "";
    throw refuse(from, `${reasonOf(error, value)}${hint}`, error);
  }
  if (read.length > maxGivenBytes) {
    throw refuse(from, `${showPath(value)} has more than ${maxGivenBytes} bytes, and is no such file`);
  }
  return { name: showPath(value), content: read, path };
}

function unreadable(from: string, problem: string): UnreadableFileError {
  return new UnreadableFileError(`${from}: ${problem}`);
}

/** The same for a file of JSON, as text. */
export async function readGivenJson(given: GivenFile): Promise<FileContent & { readonly text: string }> {
  const file = await readGivenFile(given, { contentOf: jsonIn });
  return { ...file, text: jsonText(file.content, `${given.from}: ${file.name === given.from ? "it" : file.name}`) };
}

/** JSON is UTF-8 (RFC 8259, section 8.1); a byte order mark is passed over. */
function jsonText(content: Buffer, shown: string): string {
  const problem = "is not UTF-8 text, as JSON has to be; save it as UTF-8";
  if (content.length >= 2 && (content[0] === 0 || content[1] === 0 || content.readUInt16BE() >= 0xfeff)) {
    throw new UsageError(`${shown} ${problem} (it looks like UTF-16)`);
  }
  if (isUtf8(content)) return withoutMark(content.toString("utf8"));
  const lines = content.toString("latin1").split("\n");
  const line = lines.findIndex((text) => !isUtf8(Buffer.from(text, "latin1"))) + 1;
  throw new UsageError(`${shown} ${problem} (line ${line})`);
}

/** Text of a file without the byte order mark that some editors put in front. */
export function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** The value itself, if it is a key, certificate or provider token by its form, and no path of anything. */
function credentialIn(value: string, path: string): Buffer | undefined {
  return secretKind(value) === undefined || existsSync(path) ? undefined : Buffer.from(value);
}

/** The value itself, or what it is base64 of, if that is JSON and no path. */
function jsonIn(value: string): Buffer | undefined {
  if (/^\s*[{[]/.test(value)) return Buffer.from(value);
  if (!/^[A-Za-z0-9+/\s]{8,}={0,2}$/.test(value.trim())) return undefined;
  const decoded = Buffer.from(value, "base64");
  return /^\s*[{[]\s*["\]}]/.test(decoded.toString("latin1")) ? decoded : undefined;
}

/** The content of a file, or one byte more than the limit if it is too large. A pipe has no size to ask for. */
function readBounded(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const size = Math.min(fstatSync(file).size || maxGivenBytes, maxGivenBytes);
    const bytes = Buffer.alloc(size + 1);
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more) {
      more = readSync(file, bytes, length, bytes.length - length, null);
    }
    return length > maxGivenBytes ? bytes : bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
