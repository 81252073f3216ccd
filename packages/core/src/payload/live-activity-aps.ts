import type { UnixSeconds } from "./aps.js";
import type { Json } from "./json.js";

/** A text of a Live Activity's alert: as it is, or looked up in the app's own language. */
export type LiveActivityText = string | { readonly "loc-key": string; readonly "loc-args"?: readonly string[] };

/** The `alert` of a Live Activity. Unlike an ordinary alert's, it holds the `sound`, and its texts can be looked up. */
export interface LiveActivityAlert {
  readonly title: LiveActivityText;
  readonly body: LiveActivityText;
  /** A sound file in the app, or `default`. */
  readonly sound?: string;
}

interface LiveActivityAps {
  /**
   * When the content was true; a device ignores what is older than what it shows.
   * @default when the notification is made
   */
  readonly timestamp?: UnixSeconds;
  /** From when on the system tells the app that its content is out of date. */
  readonly "stale-date"?: UnixSeconds;
  /** Which of the app's Live Activities comes first: the one with the greatest number. */
  readonly "relevance-score"?: number;
}

/** How the app hears of further pushes to an activity that was started by push (iOS 18 and later). */
type InputPush =
  | {
      /** The new activity asks for an update token. On systems before iOS 18 the start fails. */
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
    /** What that type holds, and never changes. */
    readonly attributes: Attributes & Json<Attributes>;
    /** The type's `ContentState`. Swift's default for a `Date` in it is the number of seconds since 2001. */
    readonly "content-state": ContentState & Json<ContentState>;
    /** Without an alert, APNs' devices do not start it. */
    readonly alert: LiveActivityAlert;
    readonly "dismissal-date"?: never;
  };

/** What an update and an end cannot say. */
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
  /** What is shown last. Without it, what is shown stays. */
  readonly "content-state"?: ContentState & Json<ContentState>;
  readonly alert?: LiveActivityAlert;
  /**
   * When it leaves the Lock Screen: a moment in the past for at once, at most four hours ahead.
   * @default after four hours
   */
  readonly "dismissal-date"?: UnixSeconds;
}
