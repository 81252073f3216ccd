// The messages between page and server over the WebSocket: one JSON object each. The page imports these types only.
import type { Balance } from "../books.js";

export type WireName = "binary" | "http2";

/** The settings of a run, chosen on the page. */
export interface RunSettings {
  /**
   * `race`: each wire sends everything, in a process of its own. `split`: one sender moves traffic from wire to wire.
   * `bridge`: a legacy sender sends everything to a bridge, which sends it on over HTTP/2.
   */
  readonly kind: "race" | "split" | "bridge";
  /** Race: the wires run one after the other, so that neither takes time from the other. */
  readonly inTurn: boolean;
  readonly count: number;
  readonly badPercent: number;
  readonly unregisteredPercent: number;
  readonly payloadBytes: number;
  readonly delayMs: number;
  /** Legacy wire: notifications between two barriers. */
  readonly reconnectEvery: number;
  /** Legacy wire: the command of its frames. */
  readonly format: 0 | 1 | 2;
  /** Legacy wire: how many notifications may be without a verdict at a time. */
  readonly window: number;
  /** HTTP/2: how many requests may be open or waiting at a time. */
  readonly streams: number;
  readonly connections: number;
  /** Notifications per second and wire; 0: as fast as they go. */
  readonly perSecond: number;
  /** Split: the share of device tokens that HTTP/2 gets, in percent. */
  readonly sharePercent: number;
  readonly seed: number;
}

export interface ConnectionView {
  /** Counts up from 1 within a run. */
  readonly number: number;
  readonly state: "open" | "draining" | "closed" | "failed";
}

/** How many notifications ended so, and why. */
export interface ReasonCount {
  readonly kind: "rejected" | "unsent" | "unconfirmed";
  readonly reason: string;
  readonly count: number;
}

/** What faults cost a wire: not its own bad device tokens, not the connections that barriers end. */
export interface FaultCost {
  /** Good device tokens that were refused. */
  readonly refused: number;
  readonly resent: number;
  readonly unconfirmed: number;
  readonly unsent: number;
  /** Connections that it ended. */
  readonly connections: number;
}

/** One wire's figures, totals since the run began. Everything is measured. */
export interface LaneSample {
  readonly wire: WireName;
  readonly state: "waiting" | "running" | "paused" | "settling" | "done";
  readonly elapsedMs: number;
  readonly sent: number;
  readonly settled: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unsent: number;
  readonly unconfirmed: number;
  readonly reasons: readonly ReasonCount[];
  /** Sent and not settled. */
  readonly inFlight: number;
  /** Of those, not written yet. */
  readonly queued: number;
  readonly resent: number;
  readonly byFaults: FaultCost;
  readonly bytesWritten: number;
  /** Of the sending process; null where one process sends over both wires. */
  readonly cpuMs: number | null;
  readonly connectionsOpened: number;
  /** The newest ones, oldest first. */
  readonly connections: readonly ConnectionView[];
  /** Streams that APNs allows at this moment, over all connections; HTTP/2 only. */
  readonly streamsAllowed: number | null;
  /** Time to outcome, by buckets: see `latency-buckets.ts`. */
  readonly histogram: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a wire did in a run that is over. */
export interface LaneReport extends LaneSample {
  readonly perSecond: number;
  readonly balance: Balance;
}

export interface RunReport {
  readonly id: string;
  readonly endedAt: number;
  /** `page`: see `settings`; `command line`: the run that `demo` prints as a table. */
  readonly origin: "page" | "command line";
  readonly settings: Partial<RunSettings>;
  /** Faults that were struck while it ran, in order. */
  readonly faults: readonly string[];
  readonly stopped: boolean;
  readonly lanes: readonly LaneReport[];
}

export interface RunState {
  readonly id: string;
  /** The id of the page that started it. */
  readonly owner: string;
  readonly settings: RunSettings;
  readonly state: "starting" | "running" | "paused" | "stopping";
  readonly percent: number;
}

/** The figures of a run's bridge. */
export interface BridgeSample {
  /** Taken from the sender, and not decided yet. */
  readonly undecided: number;
  /** Resends of what had been accepted behind a refused one: answered from memory, not sent again. */
  readonly suppressed: number;
  /** Tried again by the bridge, without the sender's knowing. */
  readonly retries: number;
  /** Waiting because APNs does not let the bridge in. */
  readonly held: number;
  /** Device tokens that its feedback service will tell. */
  readonly feedbackWaiting: number;
}

export type TimelineKind = "run" | "fault" | "connection" | "phone" | "feedback";

export interface TimelineEvent {
  /** Counts up from 1 within a server. */
  readonly id: number;
  readonly at: number;
  readonly kind: TimelineKind;
  /** The wire it happened on; null: both, or none. */
  readonly wire: WireName | null;
  readonly text: string;
}

/** A notification on a lock screen. */
export interface ShownNotification {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly body: string;
  readonly threadId: string;
  readonly collapseId: string;
  readonly sound: boolean;
  readonly wire: WireName;
  readonly deliveredAt: number;
  /** Waited at APNs until the phone came back. */
  readonly stored: boolean;
}

export interface LiveActivityView {
  readonly title: string;
  readonly message: string;
  /** 0 to 100. */
  readonly percent: number;
  readonly ended: boolean;
}

export interface PhoneView {
  readonly name: string;
  /** Empty while the app is not installed. */
  readonly deviceToken: string;
  readonly online: boolean;
  readonly installed: boolean;
  readonly badge: number;
  /** How many wait at APNs. */
  readonly waiting: number;
  /** How many were accepted and never arrived, because a newer one took their place at APNs or they were not to be kept. */
  readonly dropped: number;
  /** Newest first. */
  readonly shown: readonly ShownNotification[];
  readonly activity: LiveActivityView | null;
}

export interface ComposeRequest {
  readonly phone: number;
  readonly wire: WireName;
  readonly kind: "alert" | "activity";
  readonly title: string;
  readonly body: string;
  readonly badge: number | null;
  readonly sound: boolean;
  readonly threadId: string;
  readonly collapseId: string;
  readonly priority: 5 | 10;
  /** One attempt, never stored. */
  readonly once: boolean;
  /** Legacy wire. */
  readonly format: 0 | 1 | 2;
  /** Live Activity. */
  readonly event: "start" | "update" | "end";
  readonly percent: number;
}

/** A run of bytes with a meaning. */
export interface ByteField {
  readonly offset: number;
  readonly length: number;
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

export interface AnnotatedBytes {
  readonly direction: "sent" | "received";
  readonly title: string;
  /** The one notification, or the connection as such. */
  readonly about: "notification" | "connection";
  readonly hex: string;
  readonly fields: readonly ByteField[];
}

export interface ComposeResult {
  readonly wire: WireName;
  /** One sentence: what became of it. */
  readonly outcome: string;
  readonly kind: "accepted" | "rejected" | "unsent" | "unconfirmed";
  /** As the transport counted them, handshake and barrier included; before TLS. */
  readonly bytesWritten: number;
  readonly frames: readonly AnnotatedBytes[];
}

export type FaultName =
  | "badToken"
  | "goAway"
  | "cut"
  | "blackHole"
  | "oneStream"
  | "unavailable"
  | "shutdown"
  | "expiredToken";

export type FaultCounts = Readonly<Partial<Record<FaultName, number>>>;

/** From the page. `seq` is given back with the answer. */
export type PageRequest = { readonly seq: number } & (
  | { readonly type: "start"; readonly settings: RunSettings }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "stop" }
  | { readonly type: "share"; readonly sharePercent: number }
  | { readonly type: "fault"; readonly name: FaultName }
  | { readonly type: "clearFaults" }
  | {
      readonly type: "phone";
      readonly phone: number;
      readonly action: "offline" | "online" | "uninstall" | "install" | "clear";
    }
  | { readonly type: "readFeedback" }
  | { readonly type: "compose"; readonly compose: ComposeRequest }
);

/** Figures of the moment; a newer one replaces those not sent yet. */
export interface Sample {
  readonly type: "sample";
  readonly run: RunState | null;
  readonly lanes: readonly LaneSample[];
  /** Of the run of the moment, or of the last one; null if it had none. */
  readonly bridge: BridgeSample | null;
  /** Faults that wait for a notification to strike, or are still on. */
  readonly activeFaults: readonly FaultName[];
  /** How often each fault was pressed and has met a notification or connection since. */
  readonly struckFaults: FaultCounts;
}

export interface Welcome extends Omit<Sample, "type"> {
  readonly type: "welcome";
  readonly id: string;
  readonly events: readonly TimelineEvent[];
  readonly phones: readonly PhoneView[];
  readonly runs: readonly RunReport[];
}

/** From the server. */
export type ServerMessage =
  | Welcome
  | Sample
  | { readonly type: "events"; readonly events: readonly TimelineEvent[]; readonly missed: number }
  | { readonly type: "phones"; readonly phones: readonly PhoneView[] }
  /** To the page that owns the run only. */
  | { readonly type: "percent"; readonly run: string; readonly percent: number }
  | { readonly type: "runEnded"; readonly report: RunReport }
  /** Pushed from outside, to one page or to all. */
  | { readonly type: "message"; readonly text: string; readonly to: string; readonly at: number }
  | { readonly type: "answer"; readonly seq: number; readonly problem: string | null; readonly result?: ComposeResult };
