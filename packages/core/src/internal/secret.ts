// Recognises by its form a text that may be a secret, so that no message repeats it: keys and provider tokens are pasted into
// wrong options, variables and fields, and messages are logged.

import { printable } from "./printable.js";

/** Forms of keys, certificates and provider tokens; the first that matches counts. */
const kinds: readonly (readonly [form: RegExp, kind: string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/, "a private key (PEM)"],
  [/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/, "a certificate (PEM)"],
  [/-----BEGIN /, "a key or certificate (PEM)"],
  // "-----BEGIN " in base64, at each of the three places where a group of three bytes can begin.
  [/LS0tLS1CRUdJTi|LS0tLUJFR0lOI|tLS0tQkVHSU4g/, "a key or certificate (base64 of a PEM file)"],
  // '{"' in base64url.
  [/(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]+){0,2}/, "a provider token (JWT)"],
  // An ASN.1 SEQUENCE in base64. The shortest private key has 90 characters; lines have 64 or 76.
  [/(?<![\w+/=-])M[A-P][\w+/-]{60,}/, "a key, certificate or .p12 (base64)"],
];

/** A run of letters and digits as in random texts; names mostly have none. */
const randomRun = /(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{16,}/;
/** The same for texts of others, which contain ids as well: that of a channel has 22 characters. */
const longRandomRun = /(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{24,}/;

/** The kind of secret or certificate a text looks like; `undefined` if it looks like none. */
export function secretKind(text: string): string | undefined {
  const kind = kinds.find(([form]) => form.test(text))?.[1];
  return kind ?? (looksLikeBase64(text) ? "base64, as of a part of a key" : undefined);
}

/**
 * Of 64 random characters of base64, some 26 are capitals and 10 are digits, and every thirtieth is no letter or digit. A
 * long path may have as many, but not in one word.
 */
function looksLikeBase64(text: string): boolean {
  const found = /[\w+/-]{64}/.exec(text)?.[0];
  if (found === undefined || !randomRun.test(found)) return false;
  const count = (characters: RegExp): number => found.length - found.replace(characters, "").length;
  return count(/[A-Z]/g) >= 12 && count(/[a-z]/g) >= 12 && count(/[0-9]/g) >= 3;
}

/** The name of a file or host: no key, token or password ends like this. */
const endsLikeName = /\.[A-Za-z][A-Za-z0-9]{0,9}$/;

/** A user and a password in front of a host. */
const userInfo = /\/\/[^/\s@]+@/;

/** A text of more characters is not worth repeating in a message, and may be anything. */
const maxNameCharacters = 255;

/** Whether a message must not repeat this text: it has the form of a key or token, or might be one. */
export function mightBeSecret(text: string): boolean {
  return mightBe(text, randomRun);
}

function mightBe(text: string, random: RegExp): boolean {
  if (secretKind(text) !== undefined || userInfo.test(text) || text.length > maxNameCharacters) return true;
  return random.test(text) && !endsLikeName.test(text);
}

/** The description of a text that is not repeated. */
export function describeSecret(text: string): string {
  const kind = secretKind(text);
  if (kind !== undefined) return `text that looks like ${kind}`;
  return `text of ${text.length} characters (not repeated here: it may be a secret)`;
}

/** Whether a message must not repeat this path: it may be a secret, given in place of the path of its file. */
export function isHiddenPath(path: string): boolean {
  return mightBeSecret(path) || /[\r\n]/.test(path);
}

/** A path in a message: verbatim, or described by its form if it may be a secret. */
export function showPath(path: string): string {
  return isHiddenPath(path) ? describeSecret(path) : printable(path);
}

/** A BEGIN line with content behind it; messages may name the line alone. */
const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----(?=[\s\S]{0,200}[A-Za-z0-9+/]{24})(?:[\s\S]*?-----END \1-----|[\s\S]*$)/g;
const word = /[^\s"'`(){}<>,;|]+/g;
const hexadecimal = /^[0-9a-fA-F]+$/;

/**
 * A text of others, such as the message of an error of Node's, with everything replaced that may be a secret. Hexadecimal
 * digits and ids stay: fingerprints, device tokens and channels are not secret.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(pemBlock, (block) => `[${describeSecret(block)}]`)
    .replace(word, (found) => {
      const bare = found.replace(/[.:!?]+$/, "");
      if (hexadecimal.test(bare) || !mightBe(bare, longRandomRun)) return found;
      return `[${describeSecret(bare)}]${found.slice(bare.length)}`;
    });
}
