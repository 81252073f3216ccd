import type { ApsNotificationInterruptionLevel, ApsSound, NotificationPushType } from "./payload-types.js";

/** Properties that exist once they are set. They become header fields, apart from the payload. */
export interface HeaderProperties {
  /** The destination topic: the app's bundle ID, with the suffix of the push type. Nothing is added to it. */
  topic: string;
  /** `apns-id`: a UUID. APNs makes one for each device if there is none. */
  id: string;
  /** `apns-request-id` of a broadcast or of channel management: a UUID. */
  requestId: string;
  /** The channel of a broadcast, or the one that is read or deleted. */
  channelId: string;
  /** At most 64 bytes. */
  collapseId: string;
  pushType: NotificationPushType;
  /** Sent as it is, in place of everything else in the payload. */
  // biome-ignore lint/suspicious/noExplicitAny: the sender's own
  rawPayload: any;
}

/** Properties that stand for keys of `aps`. */
export interface ApsProperties {
  badge: number;
  sound: string | ApsSound;
  get contentAvailable(): boolean;
  set contentAvailable(value: boolean | number);
  get mutableContent(): boolean;
  set mutableContent(value: boolean | number);
  get contentChanged(): boolean;
  set contentChanged(value: boolean | number);
  urlArgs: string[];
  category: string;
  targetContentIdentifier: string;
  threadId: string;
  interruptionLevel: ApsNotificationInterruptionLevel | (string & {});
  relevanceScore: number;
  filterCriteria: string;
  /** UNIX seconds, like the other instants. */
  timestamp: number;
  staleDate: number;
  event: string;
  contentState: object;
  dismissalDate: number;
  inputPushChannel: string;
  inputPushToken: number;
  attributesType: string;
  attributes: object;
}

/** Properties that stand for keys of `aps.alert`. */
export interface AlertProperties {
  locKey: string;
  locArgs: string[];
  title: string;
  subtitle: string;
  titleLocKey: string;
  titleLocArgs: string[];
  subtitleLocKey: string;
  subtitleLocArgs: string[];
  action: string;
  actionLocKey: string;
  launchImage: string;
}
