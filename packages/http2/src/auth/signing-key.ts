import { createPrivateKey, type KeyObject } from "node:crypto";
import { InvalidArgumentError } from "@apns/core";

/** The signing key (`.p8`) as text, as bytes, or already read. */
export type SigningKeyInput = string | Uint8Array | KeyObject;

/**
 * Reads a signing key. Text that an environment variable has mangled is repaired: `\n` written as two characters, or
 * all line breaks lost.
 * @throws {InvalidArgumentError} `ERR_APNS_CREDENTIALS`; the message never holds any of the key
 */
export function readSigningKey(input: SigningKeyInput): KeyObject {
  const key = typeof input === "object" && "type" in input ? input : parse(input);
  if (key.type !== "private") throw unusable("is a public key; give the private key from the .p8 file.");
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw unusable(
      `is of type ${key.asymmetricKeyType ?? "unknown"}; APNs signs with EC P-256, the key in the .p8 file.`,
    );
  }
  return key;
}

function parse(input: string | Uint8Array): KeyObject {
  const text = typeof input === "string" ? input : Buffer.from(input).toString("latin1");
  if (text.trim() === "") throw unusable("is empty; give the text of the .p8 file.");
  try {
    return createPrivateKey(repairPem(text));
  } catch {
    // OpenSSL's own message helps nobody here, and the input must not reach a message.
    throw unusable("cannot be read; give the text of the .p8 file, from -----BEGIN PRIVATE KEY----- to the end.");
  }
}

function repairPem(text: string): string {
  const lines = text.replaceAll("\\n", "\n").trim();
  const match = /^-----BEGIN ([A-Z ]+)-----([^-]*)-----END \1-----$/.exec(lines);
  if (match === null) return lines;
  const [, label, body] = match;
  return `-----BEGIN ${label}-----\n${body!.replace(/\s+/g, "").replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
}

function unusable(problem: string): InvalidArgumentError {
  return new InvalidArgumentError("auth.key", problem, { code: "ERR_APNS_CREDENTIALS" });
}
