// Every reason APNs gives, in one table, which transports, simulator, bridge, command and docs read.
//
// Sources: Apple, "Handling notification responses from APNs" and "Handling error responses from Apple Push
// Notification service" (broadcast and channels). Where Apple's servers have been seen to spell a reason otherwise
// than Apple's pages, both spellings have a row.

/** The reasons this table knows. */
export type KnownReason =
  | "BadCollapseId"
  | "BadDeviceToken"
  | "BadExpirationDate"
  | "BadMessageId"
  | "BadPriority"
  | "BadTopic"
  | "DeviceTokenNotForTopic"
  | "DuplicateHeaders"
  | "IdleTimeout"
  | "InvalidPushType"
  | "MissingDeviceToken"
  | "MissingTopic"
  | "PayloadEmpty"
  | "TopicDisallowed"
  | "FeatureNotEnabled"
  | "BroadcastFeatureNotEnabled"
  | "MissingChannelId"
  | "BadChannelId"
  | "ChannelNotRegistered"
  | "BadRequestParams"
  | "BadRequestPayload"
  | "MissingPushType"
  | "CannotCreateChannelConfig"
  | "BadCertificate"
  | "BadCertificateEnvironment"
  | "ExpiredProviderToken"
  | "Forbidden"
  | "InvalidProviderToken"
  | "MissingProviderToken"
  | "UnrelatedKeyIdInToken"
  | "BadEnvironmentKeyIdInToken"
  | "BadEnvironmentKeyInToken"
  | "TopicMismatch"
  | "BadPath"
  | "MethodNotAllowed"
  | "ExpiredToken"
  | "Unregistered"
  | "PayloadTooLarge"
  | "TooManyProviderTokenUpdates"
  | "TooManyRequests"
  | "InternalServerError"
  | "ServiceUnavailable"
  | "Shutdown";

/** A reason as APNs spells it; reasons that this table does not have are kept verbatim. */
export type Reason = KnownReason | (string & {});

/**
 * Whether and how the same notification may be sent again:
 * - `never`: not to this device token;
 * - `afterFix`: once the cause is corrected;
 * - `later`: after a delay;
 * - `newConnection`: on another connection;
 * - `newProviderToken`: with a new provider token, on another connection.
 */
export type RetryRule = "never" | "afterFix" | "later" | "newConnection" | "newProviderToken";

/** The interface of APNs that gives a reason. */
export type ReasonApi = "device" | "broadcast" | "channel";

export interface ReasonRow {
  readonly reason: Reason;
  readonly httpStatus: number;
  /** The legacy status code with the same meaning, where there is one. */
  readonly statusCode: number | undefined;
  readonly retry: RetryRule;
  /**
   * Whether the device token is dead and should be removed from your records. `BadDeviceToken` does not say so: mostly the
   * environment or the topic is wrong.
   */
  readonly dropToken: boolean;
  readonly apis: readonly ReasonApi[];
  /** One sentence. */
  readonly meaning: string;
  /** The other spelling of this reason that Apple's pages or servers use. */
  readonly alias?: KnownReason;
}

const all: readonly ReasonApi[] = ["device", "broadcast", "channel"];
const device: readonly ReasonApi[] = ["device"];
const sends: readonly ReasonApi[] = ["device", "broadcast"];
const broadcasts: readonly ReasonApi[] = ["broadcast", "channel"];
const channel: readonly ReasonApi[] = ["channel"];

function row(
  reason: KnownReason,
  httpStatus: number,
  apis: readonly ReasonApi[],
  retry: RetryRule,
  meaning: string,
  more: { readonly statusCode?: number; readonly dropToken?: boolean; readonly alias?: KnownReason } = {},
): ReasonRow {
  const { statusCode, dropToken = false, alias } = more;
  return { reason, httpStatus, statusCode, retry, dropToken, apis, meaning, ...(alias === undefined ? {} : { alias }) };
}

const rows: readonly ReasonRow[] = [
  row("BadCollapseId", 400, device, "afterFix", "The collapse id is longer than 64 bytes."),
  row("BadDeviceToken", 400, device, "never", "The device token is malformed or belongs to the other environment.", {
    statusCode: 8,
  }),
  row("BadExpirationDate", 400, sends, "afterFix", "The expiration is not a valid instant for this request."),
  row("BadMessageId", 400, sends, "afterFix", "The apns-id is not a UUID."),
  row("BadPriority", 400, sends, "afterFix", "The priority is not 1, 5 or 10, or not allowed here."),
  row("BadTopic", 400, device, "afterFix", "The topic is malformed or not valid.", { statusCode: 6 }),
  row("DeviceTokenNotForTopic", 400, device, "never", "The device token belongs to another app than the topic names.", {
    statusCode: 8,
  }),
  row("DuplicateHeaders", 400, device, "afterFix", "A header was sent more than once."),
  row("IdleTimeout", 400, device, "newConnection", "The connection was idle for too long."),
  row("InvalidPushType", 400, all, "afterFix", "The push type is not valid for this request."),
  row("MissingDeviceToken", 400, device, "afterFix", "The request names no device token.", { statusCode: 2 }),
  row("MissingTopic", 400, device, "afterFix", "The request names no topic, and the credentials cover more than one.", {
    statusCode: 3,
  }),
  row("PayloadEmpty", 400, sends, "afterFix", "The payload is empty.", { statusCode: 4 }),
  row("TopicDisallowed", 400, sends, "afterFix", "These credentials may not push to this topic."),
  row("FeatureNotEnabled", 400, broadcasts, "afterFix", "Broadcast is not switched on for this bundle ID.", {
    alias: "BroadcastFeatureNotEnabled",
  }),
  row("BroadcastFeatureNotEnabled", 400, broadcasts, "afterFix", "Broadcast is not switched on for this bundle ID.", {
    alias: "FeatureNotEnabled",
  }),
  row("MissingChannelId", 400, broadcasts, "afterFix", "The request names no channel."),
  row("BadChannelId", 400, broadcasts, "never", "The channel id is badly encoded, too long, or never existed."),
  row("ChannelNotRegistered", 400, broadcasts, "never", "The channel does not exist (any more)."),
  row("BadRequestParams", 400, channel, "afterFix", "The JSON body holds an attribute APNs does not know."),
  row("BadRequestPayload", 400, channel, "afterFix", "The JSON body cannot be parsed."),
  row("MissingPushType", 400, broadcasts, "afterFix", "The push type is missing."),
  row("CannotCreateChannelConfig", 400, channel, "afterFix", "The app has reached its limit of channels; delete some."),
  row("BadCertificate", 403, all, "afterFix", "The client certificate is not valid; fix it and connect anew."),
  row("BadCertificateEnvironment", 403, all, "afterFix", "The client certificate is for the other environment."),
  row("ExpiredProviderToken", 403, all, "newProviderToken", "The provider token is more than an hour old."),
  row("Forbidden", 403, device, "never", "The action is not allowed."),
  row(
    "InvalidProviderToken",
    403,
    all,
    "afterFix",
    "The provider token, its signature, its key or its team is not valid.",
  ),
  row("MissingProviderToken", 403, all, "afterFix", "Neither a client certificate nor a provider token was given."),
  row(
    "UnrelatedKeyIdInToken",
    403,
    device,
    "newConnection",
    "The key is unrelated to the one this connection began with.",
  ),
  row("BadEnvironmentKeyIdInToken", 403, device, "afterFix", "The key is for the other environment.", {
    alias: "BadEnvironmentKeyInToken",
  }),
  row("BadEnvironmentKeyInToken", 403, device, "afterFix", "The key is for the other environment.", {
    alias: "BadEnvironmentKeyIdInToken",
  }),
  row("TopicMismatch", 403, broadcasts, "afterFix", "The credentials do not cover the bundle ID in the path."),
  row("BadPath", 404, all, "afterFix", "The path of the request is not one APNs knows."),
  row("MethodNotAllowed", 405, all, "afterFix", "The method of the request is not allowed."),
  row("ExpiredToken", 410, device, "never", "The device token has expired.", { dropToken: true }),
  row("Unregistered", 410, device, "never", "The device token is no longer active for the topic.", { dropToken: true }),
  row("PayloadTooLarge", 413, sends, "never", "The payload is larger than its push type allows.", { statusCode: 7 }),
  row(
    "TooManyProviderTokenUpdates",
    429,
    all,
    "later",
    "The provider token changed more than once in 20 minutes on this connection.",
  ),
  row("TooManyRequests", 429, all, "later", "Too many notifications in a row for this device token or channel."),
  row("InternalServerError", 500, all, "newConnection", "APNs failed inside; try again later on another connection.", {
    statusCode: 1,
  }),
  row("ServiceUnavailable", 503, all, "later", "APNs is not available at the moment."),
  row("Shutdown", 503, all, "newConnection", "This APNs server is going down; use another connection.", {
    statusCode: 10,
  }),
];

/** The table, by reason. */
export const reasons: Readonly<Record<KnownReason, ReasonRow>> = Object.freeze(
  Object.fromEntries(rows.map((entry) => [entry.reason, entry])),
) as Readonly<Record<KnownReason, ReasonRow>>;

/**
 * The row of a reason. A reason that is not in the table gets a row made for it: the reason verbatim, and the retry rule that
 * its HTTP status suggests (`later` for 5xx and 429, else `afterFix`).
 */
export function reasonRow(reason: string, httpStatus: number = 400): ReasonRow {
  // Apple's error page prints this one with a blank.
  const name = reason === "Service Unavailable" ? "ServiceUnavailable" : reason;
  if (Object.hasOwn(reasons, name)) return reasons[name as KnownReason];
  return {
    reason,
    httpStatus,
    statusCode: undefined,
    retry: httpStatus >= 500 || httpStatus === 429 ? "later" : "afterFix",
    dropToken: httpStatus === 410,
    apis: all,
    meaning: "A reason this version does not know.",
  };
}

/** Whether the same notification may be sent again without changing it. */
export function isRetryable(rule: RetryRule): boolean {
  return rule === "later" || rule === "newConnection" || rule === "newProviderToken";
}
