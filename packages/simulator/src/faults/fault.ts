import type { Reason, ReasonApi, Wire } from "@apns/core";

/** When a fault strikes. */
export interface FaultTrigger {
  /** Only on this wire. @default every wire the fault exists on */
  readonly wire?: Wire;
  /** HTTP/2: only requests of this interface: `device`, `broadcast` or `channel`. @default all */
  readonly api?: ReasonApi;
  /** Only connections of this number, as `received` has it. @default all */
  readonly connection?: number;
  /** Spares the first so many notifications of each connection; if it strikes connections, so many of these. @default 0 */
  readonly after?: number;
  /** The probability with which it strikes, each time it could: 0 to 1, from the simulator's seed. @default 1 */
  readonly share?: number;
  /** Strikes so often, then never again. @default without end */
  readonly times?: number;
  /** Only notifications for device tokens that begin so; with `*` or `?` in it, a pattern for all of it. @default all */
  readonly deviceToken?: string;
}

/**
 * What happens in place of the answer to a notification. The notification that meets it is not decided, unless it says
 * otherwise.
 */
export type NotificationFault =
  /**
   * From here on the connection takes everything and answers nothing, PING and SETTINGS included, but stays open. Over
   * HTTP/2, `answersPing: true` leaves it healthy to look at: only notifications go unanswered.
   */
  | { readonly type: "blackHole"; readonly answersPing?: boolean }
  /**
   * The connection ends: in the order of TLS, as after a long idle time; by an end of the TCP stream alone; or by a reset.
   * Nothing is said before; or, over HTTP/2 and with `midFrame`, the answer up to the middle of its last frame. That
   * notification is decided.
   */
  | { readonly type: "cut"; readonly how: CutHow; readonly midFrame?: boolean }
  | GoAwayFault
  /** HTTP/2: RST_STREAM with REFUSED_STREAM. Not processed, so safe to send again. */
  | { readonly type: "refuseStream" }
  /**
   * HTTP/2: RST_STREAM with any code. With `decided`, only the answer is lost: the notification has been decided, and
   * delivered if it was right.
   */
  | { readonly type: "resetStream"; readonly errorCode: number; readonly decided?: boolean }
  /**
   * HTTP/2: the connection is past saving: this and every later request gets 500 InternalServerError (observed 2016 and 2017
   * after provider tokens had expired).
   */
  | { readonly type: "wedge" }
  /** Legacy wire: status 10 with the last accepted identifier, as for maintenance. */
  | { readonly type: "shutdown" };

/** How a connection ends: TLS's close_notify and then TCP's end, TCP's end alone, or TCP's reset. */
export type CutHow = "closeNotify" | "fin" | "rst";

/** HTTP/2: GOAWAY. Streams above the last one it names are as if never sent. */
export interface GoAwayFault {
  readonly type: "goAway";
  /** Its debug data, as JSON. @default none */
  readonly reason?: string;
  /** @default 0, NO_ERROR */
  readonly errorCode?: number;
  /**
   * The last stream that is still answered: the one of this notification, the one before it, or any number (0 for none,
   * 2147483647 to announce a GOAWAY that is yet to come). A number below streams that were decided denies them: a sender
   * that believes it sends those again. @default "this"
   */
  readonly lastStream?: "this" | "previous" | number;
  /** Whether the connection ends once those are answered. @default true */
  readonly close?: boolean;
  /** Another GOAWAY naming 2147483647 goes ahead, as RFC 9113 section 6.8 advises for a shutdown. @default false */
  readonly announced?: boolean;
}

/** A fault beside the answer. Several of them can apply to one notification, which is decided as without them. */
export type SideFault =
  /** The answer comes later: by `ms`, and by up to `jitterMs` more, so that answers overtake one another. */
  | { readonly type: "delay"; readonly ms: number; readonly jitterMs?: number }
  /** Answers are held until there are `depth` of them, or 50 ms have passed, and leave in random order. */
  | { readonly type: "reorder"; readonly depth: number }
  /** Both wires. The connection is not read from for so long, or never again: the sender runs into a full TCP window. */
  | { readonly type: "stopReading"; readonly forMs?: number }
  /** Both wires. It is answered, counted and logged as ever, and reaches no device: "accepted" is not "delivered". */
  | { readonly type: "lose" }
  | SettingsFault;

/**
 * SETTINGS, ahead of the answer; after `forMs` others that restore what was. An `initialWindowBytes` of 0 lets no payload
 * through.
 */
export interface SettingsFault {
  readonly type: "settings";
  readonly maxConcurrentStreams?: number;
  readonly initialWindowBytes?: number;
  readonly maxFrameBytes?: number;
  readonly headerTableBytes?: number;
  /** @default for as long as the connection lives */
  readonly forMs?: number;
}

/** The notification is refused, whatever the world would say. */
export interface RejectFault {
  readonly type: "reject";
  readonly reason: Reason;
  /** @default that of the reason */
  readonly httpStatus?: number;
  /** @default that of the reason, or 255 */
  readonly statusCode?: number;
  /** HTTP/2: seconds, sent as `retry-after`. */
  readonly retryAfter?: number;
}

/** Legacy wire: something goes wrong with the six bytes of an error response. */
export type ErrorResponseFault =
  | SixBytesFault
  /**
   * They name another notification: none, the one before the failing one as its number has it, or any. Of every status;
   * senders that resend what comes after the one named lose or double some.
   */
  | { readonly type: "wrongIdentifier"; readonly names: "zero" | "previous" | "random" }
  /** Status 2 names identifier 0, as the sandbox did in 2014 and 2015 (pushy #149, #150; node-apn #149). */
  | { readonly type: "identifierZero" };

/** A fault of how an error response is written. */
export interface SixBytesFault {
  readonly type: "errorResponse";
  /**
   * `missing`: the close comes without them. `split`: the first `at` of them, a pause, the rest. `reset`: a TCP reset right
   * behind. `delayed`: they come after `ms` and up to `jitterMs` more. `garbled`: the first one is not 8. `trailing`: more
   * bytes follow. `open`: the connection is never closed.
   */
  readonly how: "missing" | "split" | "reset" | "delayed" | "garbled" | "trailing" | "open";
  /** Of `split`: 1 to 5. @default 1 */
  readonly at?: number;
  /** Of `delayed`. @default 1000 */
  readonly ms?: number;
  /** Of `delayed`. @default 0 */
  readonly jitterMs?: number;
}

/** Something goes wrong with what the feedback service tells. */
export interface FeedbackFault {
  readonly type: "feedback";
  /**
   * `split`: tuples come in pieces of 7 bytes. `truncated`: the last one is not whole. `reset`: a TCP reset in place of the
   * end. `open`: the end never comes. `twice`: every tuple stands there twice. `kept`: the list is not cleared.
   */
  readonly how: "split" | "truncated" | "reset" | "open" | "twice" | "kept";
}

/** A fault of a TCP connection, from its first byte on. */
export type ConnectionFault =
  /** The TCP connection is accepted, and the TLS handshake never answered. */
  | { readonly type: "stallTls" }
  /** The handshake is answered with a fatal alert, by default 46, `certificate_unknown`. */
  | { readonly type: "tlsAlert"; readonly alert?: number }
  /**
   * The server shows another certificate: one that has expired, of an authority that `ca` does not name, or for another
   * host. A sender that takes it nevertheless is served as ever.
   */
  | { readonly type: "serverCertificate"; readonly is: WrongCertificate }
  /** The TCP connection is accepted, and ended at once: by FIN or by a reset. */
  | { readonly type: "dropConnection"; readonly how: "fin" | "rst" }
  | LinkFault;

export type WrongCertificate = "expired" | "untrusted" | "otherName";

/**
 * The connection runs over a slow network: with a round trip of its own, and so many bytes per second each way. A few
 * bytes per second of `uploadBytesPerSecond` are a server that hardly reads. Other connection faults may apply as well.
 */
export interface LinkFault {
  readonly type: "link";
  /** Round trip, in milliseconds, beside the simulator's own. @default 0 */
  readonly latencyMs?: number;
  /** Up to so much is added to the way in each direction, anew for whatever arrives; nothing overtakes. @default 0 */
  readonly jitterMs?: number;
  /** From the sender to the simulator. @default no limit */
  readonly uploadBytesPerSecond?: number;
  /** From the simulator to the sender. @default no limit */
  readonly downloadBytesPerSecond?: number;
}

/** A fault that holds for as long as it is on. */
export type StandingFault =
  /** Nothing listens on the ports: ECONNREFUSED. Connections that are open stay. */
  | { readonly type: "refuseConnections" }
  /** The simulator's clock is wrong by so much: positive is ahead. Provider tokens are judged by it. */
  | { readonly type: "clockSkew"; readonly ms: number };

/** A fault as data: what goes wrong, and when. */
export type Fault = FaultTrigger &
  (NotificationFault | SideFault | RejectFault | ErrorResponseFault | FeedbackFault | ConnectionFault | StandingFault);
