import { createPrivateKey, type KeyObject } from "node:crypto";
import { InvalidArgumentError } from "@apns/core";
import {
  type CredentialItem,
  describePrivateKey,
  formatNames,
  type PrivateKeyDescription,
  readCredentialFile,
} from "@apns/core/der";

/** The signing key (`.p8`) as text, as bytes, or already read. */
export type SigningKeyInput = string | Uint8Array | KeyObject;

/**
 * Reads a signing key in any form that `readCredentialFile` of core knows, such as PEM whose line breaks an environment
 * variable has escaped or lost, or base64 of the file.
 *
 * Every key of this package is read here: `@apns/core/der` checks it before Node's native code sees it, since some keys make
 * that code abort the process.
 * @param field where the caller has the key, for messages
 * @throws {InvalidArgumentError} `ERR_APNS_CREDENTIALS`; the message never holds any of the key
 */
export function readSigningKey(input: SigningKeyInput, field = "auth.key"): KeyObject {
  try {
    return read(input);
  } catch (error) {
    if (!(error instanceof UnusableKey)) throw error;
    throw new InvalidArgumentError(field, error.message, { code: "ERR_APNS_CREDENTIALS" });
  }
}

/** A problem of a key; the message holds nothing of the key. */
class UnusableKey extends Error {}

function read(input: SigningKeyInput): KeyObject {
  if (isKeyObject(input)) {
    if (input.type !== "private") throw new UnusableKey("is a public key; give the private key from the .p8 file.");
    assertP256(describe(() => input.export({ type: "pkcs8", format: "der" })));
    return input;
  }
  const { der, text } = decode(input);
  const description = describe(() => der, text);
  assertP256(description);
  try {
    return createPrivateKey({ key: der, format: "der", type: description.format });
  } catch {
    // OpenSSL's message names no fix, and the input must not reach a message.
    throw new UnusableKey(whyUnreadable(text));
  }
}

function describe(toDer: () => Buffer, text = ""): PrivateKeyDescription {
  try {
    return describePrivateKey(toDer());
  } catch {
    throw new UnusableKey(whyUnreadable(text));
  }
}

function assertP256({ algorithm }: PrivateKeyDescription): void {
  if (algorithm.type === "ec" && algorithm.curve === "prime256v1") return;
  const found = algorithm.type === "other" ? algorithm.name : algorithm.type;
  const curve = algorithm.type === "ec" ? ` on ${algorithm.curve}` : "";
  throw new UnusableKey(`is of type ${found}${curve}; APNs signs with EC P-256, the key in the .p8 file.`);
}

/** A `CryptoKey` has a `type` as well, but no `asymmetricKeyType`. */
function isKeyObject(input: unknown): input is KeyObject {
  return typeof input === "object" && input !== null && "type" in input && "asymmetricKeyType" in input;
}

interface Decoded {
  readonly der: Buffer;
  /** The input as text, to recognise what was given instead of a key. */
  readonly text: string;
}

function decode(input: string | Uint8Array): Decoded {
  if (typeof input !== "string" && !(input instanceof Uint8Array)) {
    const given = typeof input === "object" && input !== null ? "an object" : String(input);
    throw new UnusableKey(
      `${given} is not a key; give the text of the .p8 file. If it comes from an environment variable, is that set?`,
    );
  }
  const text = typeof input === "string" ? input : Buffer.from(input).toString("latin1");
  const content = readCredentialFile(input);
  if (content.kind === "empty") throw new UnusableKey("is empty; give the text of the .p8 file.");
  if (content.kind === "unreadable") throw new UnusableKey(whyUnreadable(text));
  if (content.kind === "tooLarge") throw new UnusableKey(`${content.problem}; give the text of the .p8 file.`);
  const keys = content.items.filter(({ format }) => format === "private-key" || format === "encrypted-private-key");
  if (keys.length > 1) throw new UnusableKey(`holds ${keys.length} private keys; leave only the one of the .p8 file.`);
  if (keys[0]?.format !== "private-key") throw new UnusableKey(whyNoKey(content.items));
  return { der: Buffer.from(keys[0].der), text };
}

function whyNoKey(items: readonly CredentialItem[]): string {
  const formats = items.map(({ format }) => format);
  if (formats.includes("encrypted-private-key")) {
    return "is encrypted and needs a passphrase; readPrivateKey of @apns/credentials opens it with that.";
  }
  if (formats.includes("public-key")) return "is a public key; give the private key from the .p8 file.";
  if (formats.includes("certificate")) {
    return "holds a certificate, not a signing key; give the text of the .p8 file, or authenticate by certificate.";
  }
  if (formats.every((format) => format === "unknown")) return whyUnreadable("");
  return `is ${formatNames[formats[0]!]}, not a signing key; give the text of the .p8 file.`;
}

function whyUnreadable(text: string): string {
  if (/\.(p8|pem|key)\s*$/i.test(text)) {
    return "is the name of a file, not what is in it; give its content: await readFile(path).";
  }
  return "cannot be read; give the text of the .p8 file, from -----BEGIN PRIVATE KEY----- to the end.";
}
