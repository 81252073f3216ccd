// An app as its owner sees it: what it is told, what it tells, and what it counts.
import type { Clock, Transport } from "@apns/core";
import type { FeedbackStore } from "../feedback/feedback-store.js";
import type { HoldSize, HoldStore } from "../hold/hold-store.js";
import type { AuditedRejection } from "./audited-rejection.js";
import type { Rules } from "./rules.js";
import type { TranslationOptions } from "./translate.js";

/** One app: the translation of its senders' frames, and the transport that takes them. */
export interface AppOptions extends TranslationOptions {
  /** Its name in logs, metrics and the senders' options. */
  readonly name: string;
  /** The caller's: the bridge never closes it. */
  readonly transport: Transport;
  /** Rules of the mapping for this app only. @default the bridge's */
  readonly rules?: Rules;
  /**
   * When so many device tokens in a row were refused with status code 8, and none was accepted between them, the rest is held as
   * if by `"hold"`: more likely than a list of bad tokens is a wrong topic or environment, also one that turned wrong later, and
   * senders delete refused tokens. 0 takes every refusal at its word. @default 20
   */
  readonly suspectAfter?: number;
}

/** The app's log lines and audit lines. */
export interface AppEvents {
  /** The audit: a notification was not simply accepted. */
  readonly onRejected: (rejection: AuditedRejection) => void;
  /** Upstream does not let the app in; told again whenever a probe fails. */
  readonly onHeld: (held: HeldApp) => void;
  /** No connection to upstream can be opened; told once, until one can. */
  readonly onUnreachable: (at: { readonly app: string; readonly problem: string }) => void;
  /** @param at.afterMs how long that was so, in milliseconds */
  readonly onReachable: (at: { readonly app: string; readonly afterMs: number }) => void;
  /** Notifications are held on disk from now on, or were found there. */
  readonly onHoldBegan: (at: { readonly app: string; readonly notifications: number }) => void;
  /** All that was held on disk is decided. */
  readonly onHoldEmptied: (at: { readonly app: string; readonly notifications: number }) => void;
  /** The hold on disk has no room for more. */
  readonly onHoldFull: (at: { readonly app: string } & HoldSize) => void;
  /** The hold's store cannot be written or read. */
  readonly onHoldFailed: (at: { readonly app: string; readonly error: Error }) => void;
  /** A feedback tuple was not stored. */
  readonly onFeedbackLost: (lost: {
    readonly app: string;
    readonly deviceToken: string;
    readonly error: Error;
  }) => void;
}

export interface HeldApp {
  readonly app: string;
  readonly topic: string;
  readonly cause: string;
  readonly detail: string | undefined;
  /** Until the next probe, in milliseconds. */
  readonly nextTryMs: number;
  /** Deliveries held. */
  readonly held: number;
  /** Whether the app is held over refused device tokens; see `suspectAfter`. */
  readonly suspected: boolean;
}

/** The bridge's parts that an app uses. */
export interface AppContext {
  readonly clock: Clock;
  readonly feedbackStore: FeedbackStore;
  /** `undefined`: nothing is held on disk. */
  readonly holdStore: HoldStore | undefined;
  readonly events: AppEvents;
}

/** Figures of one app. Counters only grow. */
export interface AppStats {
  readonly accepted: number;
  /** Notifications not simply accepted, by reason of APNs' or other cause. */
  readonly causes: Readonly<Record<string, number>>;
  readonly retries: number;
  /** Tries after an outcome `unconfirmed`: some of these notifications arrive twice. */
  readonly unconfirmedRetries: number;
  /** Notifications told as success although upstream confirmed nothing: some of them are lost. */
  readonly unconfirmedAccepted: number;
  readonly feedback: number;
  readonly suppressed: number;
  readonly inFlight: number;
  readonly retrying: number;
  /** Waiting in memory: upstream does not let the app in. */
  readonly held: number;
  /** Waiting in memory until older ones, from the hold on disk, have gone out. */
  readonly waiting: number;
  /** In the hold on disk. */
  readonly holdNotifications: number;
  readonly holdBytes: number;
  /** Whether a connection to upstream is open or can be opened, as far as is known. */
  readonly upstreamUp: boolean;
}
