import type { Clock, KnownReason } from "@apns/core";
import type { PushCertificateDescription } from "@apns/credentials";
import type { Quirks } from "../quirks.js";
import type { SigningKey } from "../world/app.js";
import type { World } from "../world/world.js";
import type { ProviderToken, ProviderTokens } from "./provider-token.js";

const updateWindowMs = 20 * 60_000;

/** The sender on one connection: its certificate or provider tokens, and what they allow. */
export class Sender {
  readonly certificate: PushCertificateDescription | undefined;
  readonly #world: World;
  readonly #tokens: ProviderTokens;
  readonly #clock: Clock;
  readonly #quirks: Quirks;
  /** The first valid token decides which team and keys the connection is for. */
  #boundTo: ProviderToken | undefined;
  #current: ProviderToken | undefined;
  /** When each provider token was first seen here. */
  readonly #seen = new Map<string, number>();
  #wedged = false;

  constructor(
    certificate: PushCertificateDescription | undefined,
    world: World,
    tokens: ProviderTokens,
    clock: Clock,
    quirks: Quirks,
  ) {
    this.certificate = certificate;
    this.#world = world;
    this.#tokens = tokens;
    this.#clock = clock;
    this.#quirks = quirks;
  }

  /** Whether the sender has shown a certificate or a valid provider token: only then may it have many streams open. */
  get authenticated(): boolean {
    return this.certificate !== undefined || this.#boundTo !== undefined;
  }

  /** The reason to refuse the authorization of a request, if there is one. With a client certificate it is not read. */
  authenticate(authorization: string | undefined): KnownReason | undefined {
    if (this.certificate !== undefined) return undefined;
    if (authorization === undefined || authorization === "") return "MissingProviderToken";
    if (this.#wedged) return "InternalServerError";
    const token = this.#tokens.check(authorization);
    if (typeof token === "string") {
      if (token === "ExpiredProviderToken" && this.#quirks.wedgeAfterExpiredToken) this.#wedged = true;
      return token;
    }
    if (this.#changesTooOften(authorization)) return "TooManyProviderTokenUpdates";
    const problem = this.#keyProblem(token.signingKey);
    if (problem !== undefined) return problem;
    this.#boundTo ??= token;
    this.#current = token;
    return undefined;
  }

  /** The topic that a request is for, or the reason to refuse it. */
  resolveTopic(topic: string | undefined): { readonly topic: string } | KnownReason {
    if (this.certificate !== undefined) {
      const { topics } = this.certificate;
      if (topic === undefined) return topics.length === 1 ? topics[0]! : "MissingTopic";
      if (!isTopic(topic)) return "BadTopic";
      return topics.some((entry) => entry.topic === topic) ? { topic } : "TopicDisallowed";
    }
    if (topic === undefined) return "MissingTopic";
    if (!isTopic(topic)) return "BadTopic";
    const { signingKey, teamId } = this.#current!;
    if (this.#world.appOf(topic)?.teamId !== teamId) return "TopicDisallowed";
    return signingKey.topics === undefined || signingKey.topics.includes(topic) ? { topic } : "TopicDisallowed";
  }

  /** Whether the sender is for this app: its certificate lists it, or its key is of the app's team and not for others only. */
  covers(bundleId: string): boolean {
    if (this.certificate !== undefined) return this.certificate.topics.some(({ topic }) => topic === bundleId);
    const { signingKey, teamId } = this.#current!;
    if (this.#world.app(bundleId)?.teamId !== teamId) return false;
    return signingKey.topics === undefined || signingKey.topics.includes(bundleId);
  }

  /** "No more than once every 20 minutes", counted for this connection alone (documented). */
  #changesTooOften(authorization: string): boolean {
    if (this.#seen.has(authorization)) return false;
    const now = this.#clock.now();
    for (const [seen, at] of this.#seen) if (at <= now - updateWindowMs) this.#seen.delete(seen);
    if (this.#seen.size >= this.#quirks.providerTokensPerConnection) return true;
    this.#seen.set(authorization, now);
    return false;
  }

  /**
   * Since 2025 keys can be for one environment or for a few topics, and the first push decides which of them a connection
   * may use (documented; which reason each case gets is partly inferred).
   */
  #keyProblem(key: SigningKey): KnownReason | undefined {
    if (key.environment !== undefined && key.environment !== this.#world.environment) {
      return this.#quirks.reasonSpelling === "observed" ? "BadEnvironmentKeyInToken" : "BadEnvironmentKeyIdInToken";
    }
    const first = this.#boundTo?.signingKey;
    if (first === undefined || first.keyId === key.keyId) return undefined;
    if (first.teamId !== key.teamId) return this.#quirks.foreignTeam;
    if (first.topics === undefined && key.topics === undefined) return undefined;
    return first.relatedKeyId === key.keyId || key.relatedKeyId === first.keyId ? undefined : "UnrelatedKeyIdInToken";
  }
}

/** Bundle IDs and what is derived from them: letters, digits, hyphens and dots. */
function isTopic(topic: string): boolean {
  return /^[\w.-]{1,255}$/.test(topic);
}
