import { type KnownReason, reasons } from "@apns/core";
import { boolean, checkFields, type Fields, integer, type JsonSchema, oneOf, optional, schemaOf } from "./rules.js";

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
   * How many streams a connection may have open before it has shown a valid provider token: one is documented and observed.
   * Goes for connections opened afterwards. @default 1
   */
  initialStreams: number;
  /**
   * How many streams an authenticated connection may have open: 1000 in most observations, 500 in 2016, 1500 in 2019.
   * Goes for connections opened afterwards. @default 1000
   */
  authenticatedStreams: number;
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
   * What a provider token gets that was issued more than an hour in the future. Apple wants it "within one hour of the
   * current time" and names no reason. @default "InvalidProviderToken"
   */
  futureProviderToken: "accept" | KnownReason;
  /**
   * What a provider token of another team gets on a connection that began with one. Apple says that this is not supported,
   * and names no reason. @default "InvalidProviderToken"
   */
  foreignTeam: KnownReason;
  /**
   * What a background notification with an explicit priority of 10 gets. Apple calls it an error without naming one.
   * @default "BadPriority"
   */
  backgroundPriority10: "accept" | KnownReason;
  /**
   * What a notification gets whose push type and topic suffix do not fit together. Apple says it may be an error, delayed or
   * dropped. @default "accept"
   */
  topicOfOtherPushType: "accept" | KnownReason;
  /**
   * What a payload gets that is no JSON object, on either wire. No reason for it is known. @default "accept"
   */
  malformedPayload: "accept" | KnownReason;
  /** How an `apns-id` is echoed: as it came (documented, in lower case), or in the case of those Apple makes. @default "verbatim" */
  apnsIdEcho: "verbatim" | "upper";
  /** Whether errors have a content type: in Apple's sample they do, observed on its servers in 2026 they do not. @default false */
  errorContentType: boolean;
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
  /** How many GOAWAY a certificate of the wrong environment gets: two in 2016 (pushy #312), one in 2017 and 2018. @default 1 */
  wrongEnvironmentGoAways: 1 | 2;
  /**
   * After so many rejections a connection gets GOAWAY; 410 does not count (documented). Apple publishes no threshold.
   * @default 0: never
   */
  errorsBeforeGoAway: number;
  /**
   * For how many of those a `BadDeviceToken` counts: Apple says that it ends a connection sooner than others.
   * @default 1
   */
  badDeviceTokenErrors: number;
  /**
   * After so many milliseconds without a request a connection gets GOAWAY with `IdleTimeout`. The reason is documented, no
   * duration is. Goes for connections opened afterwards. @default 0: never
   */
  idleTimeoutMs: number;
  /**
   * The longest payload of the legacy wire: 2048 in its last years, 256 before 2014; 4096 with a VoIP certificate (node-apn
   * alone says so). @default 2048
   */
  legacyPayloadBytes: number;
  /**
   * The longest payload of commands 0 and 1, if that is less: whether 256 went on for them after 2014 is disputed.
   * @default 2048
   */
  legacyUnframedPayloadBytes: number;
  /** The longest device token of the legacy wire: 100 in Apple's last pages, 32 before 2015. @default 100 */
  legacyDeviceTokenBytes: number;
  /** An item of command 2 that is not 1 to 5, or comes twice: status 128, or skipped and the last one taken. Unknown. @default "refuse" */
  oddFrameItems: "refuse" | "accept";
  /**
   * What the gateway says to a frame that it cannot parse: status 128, as Apple's last pages have it, or nothing at all, as
   * technical note TN2265 did. @default "status128"
   */
  unparsableFrame: "status128" | "close";
  /** What the gateway says to a command it does not know: nothing (technical note TN2265), or status 128. @default "close" */
  unknownCommand: "close" | "status128";
  /**
   * What the gateway says to a frame of command 0 that fails: nothing, as documented, or an error response with
   * identifier 0. @default "close"
   */
  failingCommand0: "close" | "identifier0";
  /** Whether command 2 may have a priority other than 10 and 5; if not, status 128. Unknown. @default "accept" */
  legacyPriority: "accept" | "status128";
  /**
   * What a notification of priority 10 gets over the legacy wire whose `aps` has `content-available` and neither alert,
   * badge nor sound: "an error" in Apple's pages, without a status. @default "accept"
   */
  legacyBackgroundPriority10: "accept" | KnownReason;
  /** After so many milliseconds in which nothing came the gateway ends a connection, without a byte: two hours were reported. @default 0: never */
  legacyIdleTimeoutMs: number;
  /** For how long a certificate of the other environment is left in the belief that all is well, on the legacy wire. @default 0 */
  legacyWrongEnvironmentMs: number;
  /**
   * When the feedback service clears its list: when somebody asks for it, or once it was read to the end; in between, what a
   * reader that breaks off has missed is told again. Unknown. @default "asked"
   */
  feedbackClearedWhen: "asked" | "read";
}

export const defaultQuirks: Readonly<Quirks> = {
  dropStreamLimitOnRejection: false,
  streamsOverUnreadLimit: "refuse",
  initialStreams: 1,
  authenticatedStreams: 1000,
  wedgeAfterExpiredToken: false,
  providerTokensPerConnection: 5,
  futureProviderToken: "InvalidProviderToken",
  foreignTeam: "InvalidProviderToken",
  backgroundPriority10: "BadPriority",
  topicOfOtherPushType: "accept",
  malformedPayload: "accept",
  apnsIdEcho: "verbatim",
  errorContentType: false,
  reasonSpelling: "observed",
  broadcastExpiration: "required",
  wrongEnvironmentGoAways: 1,
  errorsBeforeGoAway: 0,
  badDeviceTokenErrors: 1,
  idleTimeoutMs: 0,
  legacyPayloadBytes: 2048,
  legacyUnframedPayloadBytes: 2048,
  legacyDeviceTokenBytes: 100,
  oddFrameItems: "refuse",
  unparsableFrame: "status128",
  unknownCommand: "close",
  failingCommand0: "close",
  legacyPriority: "accept",
  legacyBackgroundPriority10: "accept",
  legacyIdleTimeoutMs: 0,
  legacyWrongEnvironmentMs: 0,
  feedbackClearedWhen: "asked",
};

const knownReasons = Object.keys(reasons);
const verdict = optional(oneOf("accept", ...knownReasons));

const quirkFields: { readonly [Name in keyof Quirks]: Fields[string] } = {
  dropStreamLimitOnRejection: optional(boolean),
  streamsOverUnreadLimit: optional(oneOf("refuse", "serve")),
  initialStreams: optional(integer(1, 1_000_000)),
  authenticatedStreams: optional(integer(1, 1_000_000)),
  wedgeAfterExpiredToken: optional(boolean),
  providerTokensPerConnection: optional(integer(1, 10_000)),
  futureProviderToken: verdict,
  foreignTeam: optional(oneOf(...knownReasons)),
  backgroundPriority10: verdict,
  topicOfOtherPushType: verdict,
  malformedPayload: verdict,
  apnsIdEcho: optional(oneOf("verbatim", "upper")),
  errorContentType: optional(boolean),
  reasonSpelling: optional(oneOf("observed", "documented")),
  broadcastExpiration: optional(oneOf("required", "optional")),
  wrongEnvironmentGoAways: optional(oneOf(1, 2)),
  errorsBeforeGoAway: optional(integer(0, 1_000_000)),
  badDeviceTokenErrors: optional(integer(0, 1_000_000)),
  idleTimeoutMs: optional(integer(0, 86_400_000)),
  legacyPayloadBytes: optional(integer(1, 8192)),
  legacyUnframedPayloadBytes: optional(integer(1, 8192)),
  legacyDeviceTokenBytes: optional(integer(32, 255)),
  oddFrameItems: optional(oneOf("refuse", "accept")),
  unparsableFrame: optional(oneOf("status128", "close")),
  unknownCommand: optional(oneOf("close", "status128")),
  failingCommand0: optional(oneOf("close", "identifier0")),
  legacyPriority: optional(oneOf("accept", "status128")),
  legacyBackgroundPriority10: verdict,
  legacyIdleTimeoutMs: optional(integer(0, 86_400_000)),
  legacyWrongEnvironmentMs: optional(integer(0, 3_600_000)),
  feedbackClearedWhen: optional(oneOf("asked", "read")),
};

/** @throws {InvalidArgumentError} naming the quirk that is wrong */
export function checkQuirks(quirks: Partial<Quirks>): Partial<Quirks> {
  checkFields("quirks", quirks, quirkFields);
  return quirks;
}

/** Some quirks, as JSON schema. */
export const quirksSchema: JsonSchema = schemaOf(quirkFields);
