import { readFileSync } from "node:fs";
import type { CertificateAuth, TokenAuth } from "@apns/http2";
import type { ProviderOptions, ProviderToken } from "./provider-options.js";

/** The credentials that the options name, files read. @throws {Error} if a file cannot be read, or a part is missing */
export function credentialsOf({ token, pfx, cert, key, passphrase }: ProviderOptions): TokenAuth | CertificateAuth {
  if (token !== undefined && token !== null) return tokenAuth(token);
  const secret = passphrase === undefined || passphrase === null ? {} : { passphrase };
  if (pfx !== undefined && pfx !== null) {
    return { type: "certificate", pfx: typeof pfx === "string" ? readFileSync(pfx) : pfx, ...secret };
  }
  return { type: "certificate", cert: pemOrFile(cert ?? "cert.pem"), key: pemOrFile(key ?? "key.pem"), ...secret };
}

/** Authorities as Node takes them. @throws {Error} if a file cannot be read */
export function authoritiesOf(ca: ProviderOptions["ca"]): (string | Buffer)[] | undefined {
  return ca === undefined || ca === null ? undefined : [ca].flat().map(pemOrFile);
}

function tokenAuth({ key, keyId, teamId }: ProviderToken): TokenAuth {
  if (!keyId) throw new Error("token.keyId is missing");
  if (!teamId) throw new Error("token.teamId is missing");
  let content: string | Buffer;
  try {
    content = pemOrFile(key);
  } catch (cause) {
    throw new Error(`Failed loading token key: ${(cause as Error).message}`, { cause });
  }
  return { type: "token", key: content, keyId, teamId };
}

/** A text that is not PEM is the name of a file. */
function pemOrFile(input: string | Buffer): string | Buffer {
  return typeof input === "string" && !input.includes("-----BEGIN ") ? readFileSync(input) : input;
}
