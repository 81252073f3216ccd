import type { Reason, Wire } from "@apns/core";

/** When a fault strikes. */
export interface FaultTrigger {
  /** Only on this wire. @default every wire the fault exists on */
  readonly wire?: Wire;
  /** Spares the first so many notifications of each connection. @default 0 */
  readonly after?: number;
  /** The probability with which it strikes, each time it could: 0 to 1, from the simulator's seed. @default 1 */
  readonly share?: number;
  /** Strikes so often, then never again. @default without end */
  readonly times?: number;
  /** Only notifications for device tokens that begin so. @default all */
  readonly deviceToken?: string;
}

/** What happens in place of, or beside, the answer to a notification. The notification that meets it is not decided. */
export type NotificationFault =
  /**
   * From here on the connection swallows everything and answers nothing, but stays open. Over HTTP/2 the library below
   * still acknowledges PING and SETTINGS.
   */
  | { readonly type: "blackHole" }
  /** The connection ends: by an orderly end of the TCP stream, or by a reset. Nothing is said before. */
  | { readonly type: "cut"; readonly how: "fin" | "rst" }
  /**
   * HTTP/2: GOAWAY. `lastStream` says whether this stream is the last that is still answered, or already the first that
   * is not; later ones are ignored. The connection ends once the others are answered. Before the very first stream, that
   * one is reset with REFUSED_STREAM beside.
   */
  | { readonly type: "goAway"; readonly reason?: string; readonly lastStream?: "this" | "previous" }
  /** HTTP/2: RST_STREAM with REFUSED_STREAM. Not processed, so safe to send again. */
  | { readonly type: "refuseStream" }
  /** Legacy wire: status 10 with the last accepted identifier, as for maintenance. */
  | { readonly type: "shutdown" };

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
export type Fault = FaultTrigger & (NotificationFault | RejectFault | ErrorResponseFault | StallTlsFault);
