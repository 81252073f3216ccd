import type { KeyObject } from "node:crypto";
import type { Clock } from "@apns/core";
import jwt from "jsonwebtoken";
import type { Authorizer } from "../engine/authorizer.js";

const minute = 60_000;

/**
 * A token younger than this is never replaced: APNs would answer TooManyProviderTokenUpdates. Older than the other, it
 * is refused as ExpiredProviderToken. Source: Apple, "Establishing a token-based connection to APNs".
 */
export const providerTokenAge: Readonly<Record<"minRefreshMs" | "usualRefreshMs" | "expiredMs", number>> = {
  minRefreshMs: 20 * minute,
  usualRefreshMs: 50 * minute,
  expiredMs: 60 * minute,
};

/** A provider token, as a store keeps it. A secret: who has it can send until it is an hour old. */
export interface StoredProviderToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
}

/**
 * Where several processes share one provider token, so that each of them need not sign its own: a file, Redis, a table.
 * Both may fail; the transport then signs for itself.
 */
export interface ProviderTokenStore {
  get(): Promise<StoredProviderToken | undefined>;
  set(token: StoredProviderToken): Promise<void>;
}

export interface ProviderTokenOptions {
  readonly key: KeyObject;
  readonly keyId: string;
  readonly teamId: string;
  readonly clock: Clock;
  readonly refreshAfterMs: number;
  readonly store: ProviderTokenStore | undefined;
}

/** Signs provider tokens, or takes them from the store, and keeps the current one. */
export class ProviderTokenSource implements Authorizer {
  readonly #options: ProviderTokenOptions;
  #current: StoredProviderToken | undefined;
  #authorization: string | undefined;
  /** When the current one first went out; APNs counts its 20 minutes from there. */
  #firstUsedAt: number | undefined;
  #obtaining: Promise<void> | undefined;
  /** What APNs has refused; a store may still hand it out. */
  #refused: string | undefined;

  constructor(options: ProviderTokenOptions) {
    this.#options = options;
  }

  get ageMs(): number | undefined {
    return this.#current === undefined ? undefined : this.#options.clock.now() - this.#current.issuedAt;
  }

  current(): string | undefined {
    const now = this.#options.clock.now();
    const { store, refreshAfterMs } = this.#options;
    if (this.#current === undefined || now - this.#current.issuedAt >= refreshAfterMs) {
      // Signing takes a quarter of a millisecond and needs nobody; a store has to be asked.
      if (store === undefined) this.#use(this.#sign());
      else if (this.#current === undefined || this.#isExpired(now)) return undefined;
      else void this.obtain();
    }
    this.#firstUsedAt ??= now;
    return this.#authorization;
  }

  obtain(): Promise<void> {
    this.#obtaining ??= this.#fetch().finally(() => {
      this.#obtaining = undefined;
    });
    return this.#obtaining;
  }

  replace(refused: string): boolean {
    if (this.#authorization !== refused) return true;
    const now = this.#options.clock.now();
    if (this.#firstUsedAt !== undefined && now - this.#firstUsedAt < providerTokenAge.minRefreshMs) return false;
    this.#refused = this.#current?.token;
    this.#use(this.#sign());
    this.#share();
    return true;
  }

  diagnose(reason: string, serverDate: Date | undefined): string | undefined {
    if (reason !== "ExpiredProviderToken" && reason !== "InvalidProviderToken") return undefined;
    const { clock, keyId, teamId } = this.#options;
    const here = new Date(clock.now());
    const skewMs = serverDate === undefined ? 0 : here.getTime() - serverDate.getTime();
    if (serverDate !== undefined && Math.abs(skewMs) > 5 * minute) {
      const minutes = Math.round(Math.abs(skewMs) / minute);
      return `This machine's clock says ${here.toISOString()}, APNs' says ${serverDate.toISOString()}: it is ${minutes} minutes ${skewMs > 0 ? "ahead" : "behind"}. Set the clock.`;
    }
    const issued = this.#current === undefined ? "never" : new Date(this.#current.issuedAt).toISOString();
    if (reason === "ExpiredProviderToken") {
      return `The provider token was issued at ${issued} by this machine's clock, which says ${here.toISOString()} now. If that is less than an hour, the clock is wrong.`;
    }
    return `APNs does not accept the provider token signed with key ${keyId} for team ${teamId}: check that both belong to the .p8 file, that the key is not revoked and may push, and that this machine's clock (${here.toISOString()}) is right.`;
  }

  async #fetch(): Promise<void> {
    const { store, clock, refreshAfterMs } = this.#options;
    let stored: StoredProviderToken | undefined;
    try {
      stored = await store?.get();
    } catch {
      // A store that is down must not stop the sending: every process can sign.
    }
    const usable =
      stored !== undefined && stored.token !== this.#refused && clock.now() - stored.issuedAt < refreshAfterMs;
    if (usable) {
      this.#use(stored!);
      return;
    }
    this.#use(this.#sign());
    this.#share();
  }

  #share(): void {
    // The same: whoever finds nothing in the store signs for itself.
    this.#options.store?.set(this.#current!).catch(() => {});
  }

  #isExpired(now: number): boolean {
    return now - this.#current!.issuedAt >= providerTokenAge.expiredMs;
  }

  #use(token: StoredProviderToken): void {
    if (token.token === this.#current?.token) return;
    this.#current = token;
    this.#authorization = `bearer ${token.token}`;
    this.#firstUsedAt = undefined;
  }

  #sign(): StoredProviderToken {
    const { key, keyId, teamId, clock } = this.#options;
    const issuedAt = clock.now();
    // `iat` and the token's age are read from the same clock, so that they cannot disagree.
    const claims = { iss: teamId, iat: Math.floor(issuedAt / 1000) };
    return { token: jwt.sign(claims, key, { algorithm: "ES256", keyid: keyId }), issuedAt };
  }
}
