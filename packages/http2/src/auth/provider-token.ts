import type { KeyObject } from "node:crypto";
import type { Clock } from "@apns/core";
import type { Authorizer } from "./authorizer.js";
import { signClaims } from "./sign-provider-token.js";

const minute = 60_000;

/**
 * A token younger than `minRefreshMs` is never replaced: APNs would answer TooManyProviderTokenUpdates. Older than
 * `expiredMs`, it is refused as ExpiredProviderToken. Source: Apple, "Establishing a token-based connection to APNs".
 */
export const providerTokenAge: Readonly<Record<"minRefreshMs" | "usualRefreshMs" | "expiredMs", number>> = {
  minRefreshMs: 20 * minute,
  usualRefreshMs: 50 * minute,
  expiredMs: 60 * minute,
};

/** A provider token as a store keeps it. A secret: it authorizes sends until it is an hour old. */
export interface StoredProviderToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
}

/**
 * A provider token shared by several processes, so that each need not sign its own: a file, Redis, a table. If a method fails,
 * takes longer than 5 seconds or returns anything else than a token, the transport signs its own.
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

/** How long a store may take, in milliseconds. */
const storeTimeoutMs = 5_000;

/** A provider token has some 200 characters; this many still fit every header block. */
const maxTokenCharacters = 4096;

/** Tolerated difference between the clocks of two machines. */
const clockToleranceMs = 5 * minute;

/** Signs provider tokens, or takes them from the store, and keeps the current one. */
export class ProviderTokenSource implements Authorizer {
  readonly #options: ProviderTokenOptions;
  #current: StoredProviderToken | undefined;
  #authorization: string | undefined;
  /** When the current token was first sent; APNs counts its 20 minutes from then. */
  #firstUsedAt: number | undefined;
  /** Whether the current token came from the store. */
  #isShared = false;
  #obtaining: Promise<void> | undefined;
  /** The token that APNs refused last; a store may still return it. */
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
    const ageMs = this.#current === undefined ? Number.POSITIVE_INFINITY : now - this.#current.issuedAt;
    // A negative age means that the clock was set back: the token's true age is unknown.
    if (ageMs >= refreshAfterMs || ageMs < -clockToleranceMs) {
      // Signing takes a quarter of a millisecond and no I/O; a store is asynchronous.
      if (store === undefined) this.#use(this.#sign(), false);
      else if (ageMs >= providerTokenAge.expiredMs || ageMs < 0) return undefined;
      // A failure is reported to the send that finds the token expired.
      else this.obtain().catch(() => {});
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

  replace(refused: string, reason: string): boolean {
    const isExpired = reason === "ExpiredProviderToken";
    if (!isExpired && reason !== "InvalidProviderToken") return false;
    if (this.#authorization !== refused) return true;
    // A token of another process may be wrong where ours is right. A token of ours would be signed in the same way again, which
    // helps if it has aged, and not against a wrong clock.
    if (!this.#isShared && !(isExpired && this.#hasBeenUsedFor(providerTokenAge.minRefreshMs))) return false;
    this.#refused = this.#current?.token;
    this.#use(this.#sign(), false);
    this.#share();
    return true;
  }

  diagnose(reason: string, serverDate: Date | undefined): string | undefined {
    if (reason === "MissingTopic")
      return "With a signing key every notification needs a topic: give `topic` to it, or to the transport.";
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
    const stored = await withinTime(async () => store?.get());
    // The current token is too old already: a store that returned it again under a new date would be asked for ever.
    if (isProviderToken(stored) && stored.token !== this.#refused && stored.token !== this.#current?.token) {
      const ageMs = clock.now() - stored.issuedAt;
      if (ageMs < refreshAfterMs && ageMs > -clockToleranceMs) {
        this.#use(stored, true);
        return;
      }
    }
    this.#use(this.#sign(), false);
    this.#share();
  }

  #share(): void {
    const { store } = this.#options;
    const token = this.#current!;
    // Not awaited: a process that finds no token in the store signs its own.
    void withinTime(async () => store?.set(token));
  }

  #hasBeenUsedFor(milliseconds: number): boolean {
    return this.#firstUsedAt !== undefined && this.#options.clock.now() - this.#firstUsedAt >= milliseconds;
  }

  #use(token: StoredProviderToken, isShared: boolean): void {
    if (token.token === this.#current?.token) return;
    this.#current = token;
    this.#isShared = isShared;
    this.#authorization = `bearer ${token.token}`;
    this.#firstUsedAt = undefined;
  }

  #sign(): StoredProviderToken {
    const { key, keyId, teamId, clock } = this.#options;
    const issuedAt = clock.now();
    // `iat` and the token's age are read from the same clock, so that they cannot disagree.
    return { token: signClaims(key, keyId, teamId, issuedAt), issuedAt };
  }
}

/** The store's answer; undefined if it fails or takes too long. */
function withinTime<T>(ask: () => Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    // A send that waits keeps the process alive by other handles; a store that hangs must not.
    const timer = setTimeout(resolve, storeTimeoutMs, undefined).unref();
    const done = (value?: T): void => {
      clearTimeout(timer);
      resolve(value);
    };
    ask().then(done, () => done());
  });
}

/** A store may return anything; only a JWT can be written into the header. */
function isProviderToken(value: unknown): value is StoredProviderToken {
  if (typeof value !== "object" || value === null) return false;
  const { token, issuedAt } = value as Partial<Record<keyof StoredProviderToken, unknown>>;
  if (typeof token !== "string" || token.length > maxTokenCharacters || !Number.isFinite(issuedAt)) return false;
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}
