import type { KnownReason } from "@apns/core";

/**
 * Behaviour of Apple's that is doubtful, old, or known from few sightings. Each can be switched while the simulator runs.
 */
export interface Quirks {
  /**
   * After a rejected notification the stream limit drops to 1; the next accepted one restores it. Observed in 2016 and
   * 2020, strength today unknown. @default false
   */
  dropStreamLimitOnRejection: boolean;
  /**
   * What becomes of streams above a limit that the sender has not acknowledged yet, the first one included: `refuse`
   * resets them with REFUSED_STREAM, which is safe to repeat and was observed in 2017 (pushy #486); `serve` holds nobody
   * to a limit it may not have read. @default "refuse"
   */
  streamsOverUnreadLimit: "refuse" | "serve";
  /**
   * Once a provider token has expired, its connection answers everything with 500 InternalServerError. Observed in 2016
   * and 2017 (pushy #408, node-apn #463). @default false
   */
  wedgeAfterExpiredToken: boolean;
  /**
   * How many different provider tokens a connection may show within 20 minutes. Apple says the token may change once in
   * that time; observed was an error after about five (APNSwift #34). @default 5
   */
  providerTokensPerConnection: number;
  /**
   * What a background notification with an explicit priority of 10 gets. Apple calls it an error without naming one.
   * @default "BadPriority"
   */
  backgroundPriority10: "accept" | KnownReason;
  /**
   * Two reasons are spelled otherwise on the wire than in Apple's pages: `BadEnvironmentKeyInToken` was observed in 2025,
   * `BadEnvironmentKeyIdInToken` is documented; `BroadcastFeatureNotEnabled` was observed in 2026, `FeatureNotEnabled` is
   * documented. @default "observed"
   */
  reasonSpelling: "observed" | "documented";
  /**
   * Whether a broadcast must have an `apns-expiration`. Without one, `BadExpirationDate` was observed in 2026; one of
   * Apple's own recipes leaves it out. @default "required"
   */
  broadcastExpiration: "required" | "optional";
}

export const defaultQuirks: Readonly<Quirks> = {
  dropStreamLimitOnRejection: false,
  streamsOverUnreadLimit: "refuse",
  wedgeAfterExpiredToken: false,
  providerTokensPerConnection: 5,
  backgroundPriority10: "BadPriority",
  reasonSpelling: "observed",
  broadcastExpiration: "required",
};
