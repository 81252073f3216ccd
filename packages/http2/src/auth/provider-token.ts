import type { KeyObject } from "node:crypto";
import type { Clock } from "@apns/core";
import type { Authorizer } from "./authorizer.js";
import { signClaims } from "./sign-provider-token.js";

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
 * Both may fail, or take longer than 5 seconds, or hand out nonsense: the transport then signs for itself.
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

/** Clocks of several machines differ a little. */
const clockToleranceMs = 5 * minute;

/** Signs provider tokens, or takes them from the store, and keeps the current one. */
export class ProviderTokenSource implements Authorizer {
  readonly #options: ProviderTokenOptions;
  #current: StoredProviderToken | undefined;
  #authorization: string | undefined;
  /** When the current one first went out; APNs counts its 20 minutes from there. */
  #firstUsedAt: number | undefined;
  /** The current one was signed elsewhere. */
  #isShared = false;
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
    const ageMs = this.#current === undefined ? Number.POSITIVE_INFINITY : now - this.#current.issuedAt;
    // A negative age: the clock was set back, and says nothing about the token's age any more.
    if (ageMs >= refreshAfterMs || ageMs < -clockToleranceMs) {
      // Signing takes a quarter of a millisecond and needs nobody; a store has to be asked.
      if (store === undefined) this.#use(this.#sign(), false);
      else if (ageMs >= providerTokenAge.expiredMs || ageMs < 0) return undefined;
      // Should it fail, whoever comes when the token has expired is told.
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
    // What another process signed may be wrong where ours is right. Ours would be signed the same way again: that helps
    // only if it has grown old, and not against a clock that is wrong.
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
    // What is asked for is another one than the current, which is too old by what was known of it: a store that hands it
    // out again under a new date would be asked for ever.
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
    // Nobody waits for it: whoever finds nothing in the store signs for itself.
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

/** What the store says; undefined if it fails or takes too long: every process can sign for itself. */
function withinTime<T>(ask: () => Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    // Who waits for it keeps the process alive; a store that hangs when all is done must not.
    const timer = setTimeout(resolve, storeTimeoutMs, undefined).unref();
    const done = (value?: T): void => {
      clearTimeout(timer);
      resolve(value);
    };
    ask().then(done, () => done());
  });
}

/** Stores are other people's code and data; a token of another form could not even be written into a header. */
function isProviderToken(value: unknown): value is StoredProviderToken {
  if (typeof value !== "object" || value === null) return false;
  const { token, issuedAt } = value as Partial<Record<keyof StoredProviderToken, unknown>>;
  if (typeof token !== "string" || token.length > maxTokenCharacters || !Number.isFinite(issuedAt)) return false;
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}
