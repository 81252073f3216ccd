// The types of what a notification holds, under the names that the typings of node-apn give them.

/** The values of `apns-push-type` that Apple documents; any other text is sent as it is. */
export type NotificationPushType =
  | "background"
  | "alert"
  | "voip"
  | "pushtotalk"
  | "liveactivity"
  | "location"
  | "complication"
  | "fileprovider"
  | "mdm"
  | "widgets"
  | "controls"
  | (string & {});

export type ApsNotificationInterruptionLevel = "passive" | "active" | "time-sensitive" | "critical";

/** Every key is optional: an alert may have a `loc-key` in place of a body. */
export interface NotificationAlertOptions {
  title?: string;
  subtitle?: string;
  body?: string;
  "title-loc-key"?: string;
  // biome-ignore lint/suspicious/noExplicitAny: texts and numbers are sent as they are
  "title-loc-args"?: any[];
  "subtitle-loc-key"?: string;
  // biome-ignore lint/suspicious/noExplicitAny: texts and numbers are sent as they are
  "subtitle-loc-args"?: any[];
  action?: string;
  "action-loc-key"?: string;
  "loc-key"?: string;
  // biome-ignore lint/suspicious/noExplicitAny: texts and numbers are sent as they are
  "loc-args"?: any[];
  "launch-image"?: string;
}

/** Sound of a critical alert. All three are needed: an object without one of them is ignored. */
export interface ApsSound {
  critical: number;
  name: string;
  /** 0 to 1. */
  volume: number;
}

/** Apple's dictionary. Keys that are not named here can be set as well. */
export interface Aps {
  alert?: string | NotificationAlertOptions;
  "launch-image"?: string;
  badge?: number;
  sound?: string | ApsSound;
  "content-available"?: undefined | 1;
  "content-changed"?: undefined | true;
  "mutable-content"?: undefined | 1;
  "url-args"?: string[];
  category?: string;
  "thread-id"?: string;
  "target-content-id"?: string;
  "interruption-level"?: string | ApsNotificationInterruptionLevel;
  "relevance-score"?: number;
  "filter-criteria"?: string;
  "stale-date"?: number;
  "content-state"?: object;
  timestamp?: number;
  event?: string;
  "dismissal-date"?: number;
  "input-push-channel"?: string;
  "input-push-token"?: number;
  "attributes-type"?: string;
  attributes?: object;
  // biome-ignore lint/suspicious/noExplicitAny: whatever Apple adds
  [key: string]: any;
}
