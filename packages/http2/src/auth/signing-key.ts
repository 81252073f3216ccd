import { createPrivateKey, type KeyObject } from "node:crypto";
import { InvalidArgumentError } from "@apns/core";

/** The signing key (`.p8`) as text, as bytes, or already read. */
export type SigningKeyInput = string | Uint8Array | KeyObject;

/**
 * Reads a signing key. Text that an environment variable has mangled is repaired: `\n` written as two characters, all
 * line breaks lost, quotes around it, or base64 of the whole.
 * @throws {InvalidArgumentError} `ERR_APNS_CREDENTIALS`; the message never holds any of the key
 */
export function readSigningKey(input: SigningKeyInput): KeyObject {
  const key = isKeyObject(input) ? input : parse(input);
  if (key.type !== "private") throw unusable("is a public key; give the private key from the .p8 file.");
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw unusable(
      `is of type ${key.asymmetricKeyType ?? "unknown"}; APNs signs with EC P-256, the key in the .p8 file.`,
    );
  }
  return key;
}

/** By what it has: a `CryptoKey` has a type, too. */
function isKeyObject(input: unknown): input is KeyObject {
  return typeof input === "object" && input !== null && "type" in input && "asymmetricKeyType" in input;
}

function parse(input: string | Uint8Array): KeyObject {
  if (typeof input !== "string" && !(input instanceof Uint8Array)) {
    const given = typeof input === "object" && input !== null ? "an object" : String(input);
    throw unusable(
      `${given} is not a key; give the text of the .p8 file. If it comes from an environment variable, is that set?`,
    );
  }
  const text = typeof input === "string" ? input : Buffer.from(input).toString("latin1");
  if (text.trim() === "") throw unusable("is empty; give the text of the .p8 file.");
  try {
    return createPrivateKey(repairPem(text));
  } catch {
    // OpenSSL's own message helps nobody here, and the input must not reach a message.
    throw unusable(whyUnreadable(text));
  }
}

function whyUnreadable(text: string): string {
  if (/\.(p8|pem|key)\s*$/i.test(text)) {
    return "is the name of a file, not what is in it; give its content: await readFile(path).";
  }
  if (text.includes("BEGIN CERTIFICATE")) {
    return "holds a certificate, not a signing key; give the text of the .p8 file, or authenticate by certificate.";
  }
  return "cannot be read; give the text of the .p8 file, from -----BEGIN PRIVATE KEY----- to the end.";
}

function repairPem(text: string): string {
  // Base64 of "-----BEGIN".
  const plain = text.trim().startsWith("LS0tLS1CRUdJTi") ? Buffer.from(text, "base64").toString("latin1") : text;
  const lines = plain
    .replaceAll("\\n", "\n")
    .trim()
    .replace(/^(["'])([\s\S]*)\1$/, "$2")
    .trim();
  const match = /^-----BEGIN ([A-Z ]+)-----([^-]*)-----END \1-----$/.exec(lines);
  if (match === null) return lines;
  const [, label, body] = match;
  return `-----BEGIN ${label}-----\n${body!.replace(/\s+/g, "").replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
}

function unusable(problem: string): InvalidArgumentError {
  return new InvalidArgumentError("auth.key", problem, { code: "ERR_APNS_CREDENTIALS" });
}
