import type { UnixSeconds } from "./aps.js";
import type { Json } from "./json.js";

/** A text of a Live Activity's alert: literal, or a key that the app localizes. */
export type LiveActivityText = string | { readonly "loc-key": string; readonly "loc-args"?: readonly string[] };

/** The `alert` of a Live Activity. Unlike that of an alert, it contains the `sound`, and its texts can be localized by key. */
export interface LiveActivityAlert {
  readonly title: LiveActivityText;
  readonly body: LiveActivityText;
  /** A sound file in the app, or `default`. */
  readonly sound?: string;
}

interface LiveActivityAps {
  /**
   * The instant the content is of; a device ignores a push that is older than the content it shows.
   * @default when the notification is made
   */
  readonly timestamp?: UnixSeconds;
  /** The instant from which the system tells the app that the content is out of date. */
  readonly "stale-date"?: UnixSeconds;
  /** The order of the app's Live Activities: the one with the greatest score comes first. */
  readonly "relevance-score"?: number;
}

/** How an activity that was started by push is updated (iOS 18 and later). */
type InputPush =
  | {
      /** The new activity gets an update token. On systems before iOS 18 the start fails. */
      readonly "input-push-token"?: 1;
      readonly "input-push-channel"?: never;
    }
  | {
      readonly "input-push-token"?: never;
      /** The new activity listens to this broadcast channel: its id in base64. On systems before iOS 18 the start fails. */
      readonly "input-push-channel": string;
    };

/** The `aps` dictionary that starts a Live Activity. */
export type LiveActivityStartAps<Attributes, ContentState> = LiveActivityAps &
  InputPush & {
    readonly event?: "start";
    /** The name of the app's type that conforms to `ActivityAttributes`. */
    readonly "attributes-type": string;
    /** The properties of that type, which never change. */
    readonly attributes: Attributes & Json<Attributes>;
    /** The type's `ContentState`. Swift's default for a `Date` in it is the number of seconds since 2001. */
    readonly "content-state": ContentState & Json<ContentState>;
    /** Required: devices do not start an activity without an alert. */
    readonly alert: LiveActivityAlert;
    readonly "dismissal-date"?: never;
  };

/** The keys that only a start may have. */
interface NoStart {
  readonly "attributes-type"?: never;
  readonly attributes?: never;
  readonly "input-push-token"?: never;
  readonly "input-push-channel"?: never;
}

/** The `aps` dictionary that updates a Live Activity. */
export interface LiveActivityUpdateAps<ContentState> extends LiveActivityAps, NoStart {
  readonly event?: "update";
  /** The type's `ContentState`. Swift's default for a `Date` in it is the number of seconds since 2001. */
  readonly "content-state": ContentState & Json<ContentState>;
  /** Lights up the screen and is shown where the activity is not. */
  readonly alert?: LiveActivityAlert;
  readonly "dismissal-date"?: never;
}

/** The `aps` dictionary that ends a Live Activity. */
export interface LiveActivityEndAps<ContentState> extends LiveActivityAps, NoStart {
  readonly event?: "end";
  /** The final content. Without it, the last content stays. */
  readonly "content-state"?: ContentState & Json<ContentState>;
  readonly alert?: LiveActivityAlert;
  /**
   * When the activity leaves the Lock Screen: at most four hours ahead; an instant in the past removes it at once.
   * @default after four hours
   */
  readonly "dismissal-date"?: UnixSeconds;
}
