import { type KeyObject, verify } from "node:crypto";
import type { Clock, KnownReason } from "@apns/core";
import { readVerificationKey } from "@apns/credentials";
import type { Quirks } from "../quirks.js";
import type { SigningKey } from "../world/app.js";
import type { World } from "../world/world.js";

/** A provider token whose signature was found good. */
export interface ProviderToken {
  readonly signingKey: SigningKey;
  readonly teamId: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
}

const maxAgeMs = 3_600_000;
const maxVerified = 10_000;

/**
 * Checks provider tokens: JWTs signed with ES256 whose header names the key and whose claims name team and time.
 *
 * Source: Apple, "Establishing a token-based connection to APNs". Beside the signature that JWS prescribes, 64 bytes,
 * Apple takes the DER form that its own command-line recipe produces (observed 2022).
 */
export class ProviderTokens {
  readonly #world: World;
  readonly #clock: Clock;
  readonly #quirks: Quirks;
  /** Signatures cost ten times what the rest of a request does, and senders repeat the same token for an hour. */
  readonly #verified = new Map<string, ProviderToken>();
  readonly #publicKeys = new WeakMap<SigningKey, KeyObject>();

  constructor(world: World, clock: Clock, quirks: Quirks) {
    this.#world = world;
    this.#clock = clock;
    this.#quirks = quirks;
  }

  /** Judges the value of an `authorization` header. */
  check(authorization: string): ProviderToken | KnownReason {
    let token = this.#verified.get(authorization);
    // The key may have been revoked, or replaced under the same id, since.
    if (token === undefined || this.#world.signingKey(token.signingKey.keyId) !== token.signingKey) {
      token = this.#verify(authorization);
      if (token === undefined) return "InvalidProviderToken";
      if (this.#verified.size >= maxVerified) this.#verified.clear();
      this.#verified.set(authorization, token);
    }
    const ageMs = this.#clock.now() - token.issuedAt;
    if (ageMs > maxAgeMs) return "ExpiredProviderToken";
    const { futureProviderToken } = this.#quirks;
    return ageMs < -maxAgeMs && futureProviderToken !== "accept" ? futureProviderToken : token;
  }

  #verify(authorization: string): ProviderToken | undefined {
    // The scheme is lower-case in all of Apple's samples; HTTP says that its case does not matter.
    const [, head, claims, signature] = /^bearer +([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization) ?? [];
    if (head === undefined || claims === undefined || signature === undefined) return undefined;
    const { alg, kid } = parseObject(head);
    const { iss, iat } = parseObject(claims);
    if (alg !== "ES256" || typeof kid !== "string" || typeof iss !== "string" || typeof iat !== "number")
      return undefined;
    const signingKey = this.#world.signingKey(kid);
    if (signingKey === undefined || signingKey.teamId !== iss) return undefined;
    const bytes = Buffer.from(signature, "base64url");
    const dsaEncoding = bytes.length === 64 ? "ieee-p1363" : "der";
    const key = this.#publicKey(signingKey);
    if (!verify("sha256", Buffer.from(`${head}.${claims}`), { key, dsaEncoding }, bytes)) return undefined;
    return { signingKey, teamId: iss, issuedAt: iat * 1000 };
  }

  #publicKey(signingKey: SigningKey): KeyObject {
    let key = this.#publicKeys.get(signingKey);
    if (key === undefined) {
      key = readVerificationKey(signingKey.key);
      this.#publicKeys.set(signingKey, key);
    }
    return key;
  }
}

/** The object that a part of a JWT holds, or an empty one. */
function parseObject(
  base64url: string,
): Record<string, unknown> & { alg?: unknown; kid?: unknown; iss?: unknown; iat?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64url, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
