import type { Reason, ReasonApi, Wire } from "@apns/core";

/** When a fault strikes. */
export interface FaultTrigger {
  /** Only on this wire. @default every wire the fault exists on */
  readonly wire?: Wire;
  /** HTTP/2: only requests of this interface: `device`, `broadcast` or `channel`. @default all */
  readonly api?: ReasonApi;
  /** Spares the first so many notifications of each connection. @default 0 */
  readonly after?: number;
  /** The probability with which it strikes, each time it could: 0 to 1, from the simulator's seed. @default 1 */
  readonly share?: number;
  /** Strikes so often, then never again. @default without end */
  readonly times?: number;
  /** Only notifications for device tokens that begin so. @default all */
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
   * The connection ends: by an orderly end of the TCP stream, or by a reset. Nothing is said before; or, over HTTP/2 and
   * with `midFrame`, the answer up to the middle of its last frame. That notification is decided.
   */
  | { readonly type: "cut"; readonly how: "fin" | "rst"; readonly midFrame?: boolean }
  | GoAwayFault
  /** HTTP/2: RST_STREAM with REFUSED_STREAM. Not processed, so safe to send again. */
  | { readonly type: "refuseStream" }
  /**
   * HTTP/2: RST_STREAM with any code. With `decided`, only the answer is lost: the notification has been decided, and
   * delivered if it was right.
   */
  | { readonly type: "resetStream"; readonly errorCode: number; readonly decided?: boolean }
  /** Legacy wire: status 10 with the last accepted identifier, as for maintenance. */
  | { readonly type: "shutdown" };

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
}

/** HTTP/2: what happens beside the answer. Several of these can meet one notification, and it is decided as ever. */
export type SideFault =
  /** The answer comes later: by `ms`, and by up to `jitterMs` more, so that answers overtake one another. */
  | { readonly type: "delay"; readonly ms: number; readonly jitterMs?: number }
  /** Answers are held until there are `depth` of them, or 50 ms have passed, and leave in random order. */
  | { readonly type: "reorder"; readonly depth: number }
  /** The connection is not read from for so long, or never again: the sender runs into a full TCP window. */
  | { readonly type: "stopReading"; readonly forMs?: number }
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
  /** `missing`: the close comes without them. `split`: one byte, a pause, the rest. `reset`: a TCP reset right behind. */
  | { readonly type: "errorResponse"; readonly how: "missing" | "split" | "reset" }
  /** Status 2 names identifier 0, as the sandbox did in 2014 and 2015 (pushy #149, #150; node-apn #149). */
  | { readonly type: "identifierZero" };

/** The TCP connection is accepted, the TLS handshake never answered. */
export interface StallTlsFault {
  readonly type: "stallTls";
}

/** A fault as data: what goes wrong, and when. */
export type Fault = FaultTrigger & (NotificationFault | SideFault | RejectFault | ErrorResponseFault | StallTlsFault);
