/** An instant in UNIX seconds, as Apple's payloads have it; a `Date` is converted. */
export type UnixSeconds = number | Date;

/** The `alert` dictionary. Source: Apple, "Generating a remote notification". */
export interface ApsAlert {
  readonly title?: string;
  readonly subtitle?: string;
  readonly body?: string;
  readonly "launch-image"?: string;
  readonly "title-loc-key"?: string;
  readonly "title-loc-args"?: readonly string[];
  readonly "subtitle-loc-key"?: string;
  readonly "subtitle-loc-args"?: readonly string[];
  readonly "loc-key"?: string;
  readonly "loc-args"?: readonly string[];
  /** iOS 12 to 14. @deprecated Apple has taken it out of its pages; systems of today ignore it. */
  readonly "summary-arg"?: string;
  /** iOS 12 to 14. @deprecated Apple has taken it out of its pages; systems of today ignore it. */
  readonly "summary-arg-count"?: number;
  /** iOS 7 and older. @deprecated Categories have taken its place. */
  readonly "action-loc-key"?: string;
  /** The button of a Safari website push. @deprecated Web Push has taken its place. */
  readonly action?: string;
}

/** The `sound` dictionary of a critical alert. */
export interface CriticalSound {
  readonly critical?: 1;
  readonly name?: string;
  /** 0 (silent) to 1 (full). */
  readonly volume?: number;
}

/** The `aps` dictionary of an alert, spelled as Apple spells it. Source: Apple, "Generating a remote notification". */
export interface AlertAps {
  readonly alert?: string | ApsAlert;
  /** 0 clears the badge. */
  readonly badge?: number;
  /** A sound file in the app, or `default`; a dictionary for critical alerts. */
  readonly sound?: string | CriticalSound;
  readonly "thread-id"?: string;
  readonly category?: string;
  /** Also wake the app in the background. */
  readonly "content-available"?: 1;
  /** Let the app's notification service extension change it first. */
  readonly "mutable-content"?: 1;
  readonly "target-content-id"?: string;
  readonly "interruption-level"?: "passive" | "active" | "time-sensitive" | "critical";
  /** 0 to 1. */
  readonly "relevance-score"?: number;
  readonly "filter-criteria"?: string;
  /** Of a Safari website push. @deprecated Web Push has taken its place. */
  readonly "url-args"?: readonly string[];
}

/** The `aps` dictionary of a background notification, which must have no alert, badge or sound. */
export interface BackgroundAps {
  readonly "content-available": 1;
  readonly alert?: never;
  readonly badge?: never;
  readonly sound?: never;
}
