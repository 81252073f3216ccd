import type { KeyObject } from "node:crypto";
import type { Clock } from "@apns/core";
import jwt from "jsonwebtoken";

/** What a provider token says: who signs (`iss`), with which key (`kid`). */
export interface ProviderTokenClaims {
  readonly key: KeyObject;
  readonly keyId: string;
  readonly teamId: string;
}

const minute = 60_000;

/**
 * A new token replaces one of this age. Apple asks for no more than one in 20 minutes and no less than one in 60
 * ("Establishing a token-based connection to APNs").
 */
export const refreshAfterMs: number = 50 * minute;
/** A token younger than this is never replaced: APNs would answer TooManyProviderTokenUpdates. */
export const minRefreshMs: number = 20 * minute;

/** Signs provider tokens and keeps the current one. */
export class ProviderTokenSource {
  readonly #claims: ProviderTokenClaims;
  readonly #clock: Clock;
  #token: string | undefined;
  #issuedAt = 0;

  constructor(claims: ProviderTokenClaims, clock: Clock) {
    this.#claims = claims;
    this.#clock = clock;
  }

  /** The token to send now. */
  current(): string {
    if (this.#token === undefined || this.#clock.now() - this.#issuedAt >= refreshAfterMs) this.#sign();
    return this.#token!;
  }

  /**
   * APNs called this token expired. Signs another, unless that was done already or would be too soon.
   * @returns whether there is now another token to try
   */
  replace(refused: string): boolean {
    if (this.#token !== refused) return true;
    if (this.#clock.now() - this.#issuedAt < minRefreshMs) return false;
    this.#sign();
    return true;
  }

  #sign(): void {
    const { key, keyId, teamId } = this.#claims;
    this.#issuedAt = this.#clock.now();
    // `iat` and the token's age are read from the same clock, so that they cannot disagree.
    const claims = { iss: teamId, iat: Math.floor(this.#issuedAt / 1000) };
    this.#token = jwt.sign(claims, key, { algorithm: "ES256", keyid: keyId });
  }
}
