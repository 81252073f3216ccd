import type { KeyObject } from "node:crypto";
import { InvalidArgumentError } from "@apns/core";
import { checkInteger, checkText } from "@apns/core/internal";
import { signEs256 } from "./jsonwebtoken.js";
import { readSigningKey, type SigningKeyInput } from "./signing-key.js";

export interface SignProviderTokenOptions {
  /** The signing key (`.p8`), as `auth.key` takes it. */
  readonly key: SigningKeyInput;
  /** Ten characters. */
  readonly keyId: string;
  /** Ten characters. */
  readonly teamId: string;
  /** Milliseconds since the epoch; the token holds whole seconds. @default now */
  readonly issuedAt?: number | undefined;
}

/**
 * Signs one provider token for other programs, such as curl. `Http2Transport` signs and renews its own. The token is a secret:
 * it authorizes sends until it is an hour old.
 * Source: Apple, "Establishing a token-based connection to APNs".
 * @throws {InvalidArgumentError} naming the option; for a key that cannot be used `ERR_APNS_CREDENTIALS`
 */
export function signProviderToken(options: SignProviderTokenOptions): string {
  return signClaims(
    readSigningKey(options.key, "key"),
    checkTenCharacters("keyId", options.keyId),
    checkTenCharacters("teamId", options.teamId),
    checkInteger("issuedAt", options.issuedAt ?? Date.now(), 0),
  );
}

/** Signs with arguments that were checked. */
export function signClaims(key: KeyObject, keyId: string, teamId: string, issuedAt: number): string {
  const claims = { iss: teamId, iat: Math.floor(issuedAt / 1000) };
  return signEs256(claims, key, keyId);
}

/** Checks the ID of a key or team. */
export function checkTenCharacters(name: string, value: unknown): string {
  const text = checkText(name, value);
  if (/^[A-Z0-9]{10}$/i.test(text)) return text;
  throw new InvalidArgumentError(name, `is not ten letters and digits, as Apple's pages show it.`);
}
