import type { Priority } from "./priority.js";

/** The values of `apns-push-type` that Apple documents. */
export type KnownPushType =
  | "alert"
  | "background"
  | "location"
  | "voip"
  | "complication"
  | "fileprovider"
  | "mdm"
  | "liveactivity"
  | "pushtotalk"
  | "widgets"
  | "controls";

/** A push type. Types that this package does not know are passed through. */
export type PushType = KnownPushType | (string & {});

/** The protocols APNs has spoken. */
export type Wire = "http2" | "binary";

export interface PushTypeRow {
  /** Appended to the bundle ID to make the topic. */
  readonly topicSuffix: string;
  /** The priority sent when the notification names none; `undefined` leaves the header out, which APNs reads as 10. */
  readonly defaultPriority: Priority | undefined;
  /** The only priorities APNs accepts for this type; `undefined` if it accepts all. */
  readonly allowedPriorities: readonly Priority[] | undefined;
  /** The expiration sent when the notification names none; `"default"` leaves the header out: APNs stores it. */
  readonly defaultExpiration: "default" | "once";
  /** The largest payload over HTTP/2, in bytes of UTF-8. */
  readonly maxPayloadBytes: number;
  /** The credentials APNs accepts for it: a provider token, a certificate, or both. */
  readonly auth: "both" | "token" | "certificate";
}

const usual: PushTypeRow = {
  topicSuffix: "",
  defaultPriority: undefined,
  allowedPriorities: undefined,
  defaultExpiration: "default",
  maxPayloadBytes: 4096,
  auth: "both",
};

/**
 * Apple's rules for each push type, in one place.
 *
 * Source: Apple, "Sending notification requests to APNs" (the header table and "Know when to use push types") and
 * "Generating a remote notification" (sizes). `mdm` needs a certificate according to the Device Management pages,
 * `fileprovider` a provider token according to "Using push notifications to signal changes". A call or a transmission
 * that is over by the time a device comes back must not ring there, so Apple's pages on PushKit and Push to Talk have
 * both expire at once.
 */
export const pushTypes: Readonly<Record<KnownPushType, PushTypeRow>> = {
  alert: usual,
  // "Always use priority 5. Using priority 10 is an error", and 10 is what an absent header means.
  background: { ...usual, defaultPriority: 5, allowedPriorities: [5] },
  location: { ...usual, topicSuffix: ".location-query", auth: "token" },
  voip: { ...usual, topicSuffix: ".voip", maxPayloadBytes: 5120, defaultExpiration: "once" },
  complication: { ...usual, topicSuffix: ".complication" },
  fileprovider: { ...usual, topicSuffix: ".pushkit.fileprovider", auth: "token" },
  mdm: { ...usual, auth: "certificate" },
  liveactivity: { ...usual, topicSuffix: ".push-type.liveactivity" },
  pushtotalk: { ...usual, topicSuffix: ".voip-ptt", defaultPriority: 10, defaultExpiration: "once" },
  widgets: { ...usual, topicSuffix: ".push-type.widgets" },
  controls: { ...usual, topicSuffix: ".push-type.controls" },
};

/** The same table; a look-up in it is faster, and one is made for each notification. */
const rows: ReadonlyMap<unknown, PushTypeRow> = new Map(Object.entries(pushTypes));

/** Whether a value is one of the push types in the table. */
export function isKnownPushType(value: unknown): value is KnownPushType {
  return rows.has(value);
}

/** The row of a push type; an unknown type gets the rules of `alert`. */
export function pushTypeRow(pushType: PushType): PushTypeRow {
  return rows.get(pushType) ?? usual;
}

/**
 * The largest payload, in bytes of UTF-8, for a push type on a wire. The legacy gateway took 2048 in its last years
 * (4096 with a VoIP certificate); its first documents said 256.
 */
export function maxPayloadBytes(pushType: PushType, wire: Wire): number {
  if (wire === "binary") return pushType === "voip" ? 4096 : 2048;
  return pushTypeRow(pushType).maxPayloadBytes;
}

const appleMailTopic = /^com\.apple\.(?:mail|calendar|contact)\./;

/**
 * Whether a topic is one of those that servers of mail, calendars and contacts push to (`com.apple.mail.XServer.…`). Apple's own
 * apps take these as push type `background`, without a priority (observed with Dovecot's daemon for them).
 */
export function isAppleMailTopic(topic: string): boolean {
  return appleMailTopic.test(topic);
}

/**
 * The topic for a push type of the app with this bundle ID: the bundle ID plus the type's suffix. A value that already
 * ends in the suffix is taken as the complete topic.
 */
export function topicFor(pushType: PushType, bundleIdOrTopic: string): string {
  const { topicSuffix } = pushTypeRow(pushType);
  return bundleIdOrTopic.endsWith(topicSuffix) ? bundleIdOrTopic : bundleIdOrTopic + topicSuffix;
}
