// Secrets that are nobody's, in every form in which they are given by mistake, and the search for them in what was printed.
import { readFileSync } from "node:fs";
import { signProviderToken } from "@apns/http2";
import { fixture } from "./fixtures.js";

export interface Canary {
  /** The form it is in. */
  readonly form: string;
  readonly text: string;
  /** The part that nobody may see. What stands before it may be the same in every key. */
  readonly secret: string;
}

const pem = readFileSync(fixture("AuthKey_ABC123DEFG.p8"), "utf8");
const body = pem.replaceAll(/-----.*-----|\n/g, "");
// The private number; behind it comes the public key, which may be printed.
const secret = body.slice(50, 88);
const token = signProviderToken({ key: pem, keyId: "CANARY1234", teamId: "CANARY4321" });
const signature = token.split(".")[2]!;
const p12 = readFileSync(fixture("aes-256.p12")).toString("base64");

/** Keys and tokens, as they are given in place of a path, a name or a number. */
export const canaries: readonly Canary[] = [
  { form: "PEM", text: pem, secret },
  { form: "PEM with escaped line breaks", text: pem.replaceAll("\n", "\\n"), secret },
  { form: "PEM that is cut off", text: pem.slice(0, 120), secret: body.slice(50, 88) },
  { form: "base64 of PEM", text: Buffer.from(pem).toString("base64"), secret },
  { form: "bare body", text: body, secret },
  { form: "bare body without its beginning", text: body.slice(20), secret },
  { form: "base64 of .p12", text: p12, secret: p12.slice(400, 460) },
  { form: "JWT", text: token, secret: signature.slice(0, 60) },
];

/** Secrets that have no form of their own: only the option or variable tells that they are. */
export const passphrase: Canary = { form: "passphrase", text: "canary-7731 sings", secret: "canary-7731 sings" };
export const proxyWithPassword: Canary = {
  form: "proxy with a password",
  text: "http://user:canary-7731-sings@127.0.0.1:1",
  secret: "canary-7731-sings",
};

const windowCharacters = 12;

/** Twelve characters in a row of a secret, of its base64 or of its base64url, that stand in a text; `undefined` if none do. */
export function findLeak(text: string, { secret }: Canary): string | undefined {
  // A leak in several lines, or with a table around it, is one, too.
  const joined = text.replaceAll(/\\n|[\s│|]/g, "");
  const encoded = [0, 1, 2].flatMap((offset) => {
    const base64 = Buffer.from(secret.slice(offset)).toString("base64").slice(0, -4);
    return [base64, base64.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const asUrl = secret.replaceAll("+", "-").replaceAll("/", "_");
  for (const form of [secret.replaceAll(/\s/g, ""), asUrl, ...encoded]) {
    for (let at = 0; at + windowCharacters <= form.length; at++) {
      const part = form.slice(at, at + windowCharacters);
      if (joined.includes(part)) return part;
    }
  }
  return undefined;
}
