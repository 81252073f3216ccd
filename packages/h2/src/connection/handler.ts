import type { Http2Error, Initiator } from "../errors.js";
import type { GoAwayFrame } from "../frame/go-away.js";
import type { HeaderFields } from "../hpack/header-fields.js";
import type { Http2Settings } from "./http2-settings.js";

/** What both roles report about the connection. Every method is called from within a call into the machine. */
export interface ConnectionHandler {
  /** The peer's SETTINGS have been applied; the acknowledgement is queued. */
  onSettings?(settings: Http2Settings): void;
  /** The peer has acknowledged our oldest SETTINGS under way. */
  onSettingsAck?(settings: Http2Settings): void;
  /** A PING of ours was answered. */
  onPingAck?(roundTripMs: number): void;
  /** The peer sent GOAWAY (RFC 9113 section 6.8); `debugData` may be kept. */
  onGoAway?(goAway: GoAwayFrame): void;
  /** The connection has failed. GOAWAY is queued, every open stream was reported; write what is queued and close. */
  onConnectionError?(error: Http2Error): void;
  /** GOAWAY was sent or received and the last open stream is gone. */
  onDrained?(): void;
}

/** The beginning of a response whose end will not come. */
export interface PartialResponse {
  readonly httpStatus: number;
  readonly headers: HeaderFields;
  /** What has come of the body. */
  readonly body: Uint8Array;
}

/** Why a request will get no response, and what is certain about it. */
export interface RequestFailure {
  /** Stable `code`: H2_RESET_BY_PEER, H2_CANCELLED, H2_GOAWAY, H2_CONNECTION_LOST or the fault found. */
  readonly error: Http2Error;
  /** From RST_STREAM or GOAWAY, ours or the peer's. */
  readonly http2ErrorCode: number;
  readonly initiator: Initiator;
  /** Some of its octets were handed to the driver. */
  readonly written: boolean;
  /**
   * `no` if the peer certainly did not process it: not written when the connection ended, REFUSED_STREAM, or above GOAWAY's last
   * stream.
   */
  readonly processed: "no" | "unknown";
  /**
   * What has come of the response, if its final header list has; valid during the call only. Undefined also if the response is
   * malformed, which must not be accepted (RFC 9113 section 8.1.1).
   */
  readonly response: PartialResponse | undefined;
}

/** What a client connection reports. `Context` is whatever the caller passed to `request`. */
export interface ClientHandler<Context> extends ConnectionHandler {
  /**
   * A response is complete. `headers` is valid during the call only; `body` is the caller's, empty if there was none.
   */
  onResponse(context: Context, httpStatus: number, headers: HeaderFields, body: Uint8Array): void;
  /** A request will get no response. Called exactly once for every request that gets no `onResponse`. */
  onRequestFailed(context: Context, failure: RequestFailure): void;
  /**
   * The server has sent more frames of some kind than its budget allows. The connection takes no more requests, GOAWAY is
   * queued, open requests go on; `onDrained` says when the last one has settled.
   */
  onFlood?(error: Http2Error): void;
  /** `availableStreams` may have grown: a window opened, a limit was raised, or a stream was reset. Not called for each response. */
  onCapacity?(): void;
}

/** What a server connection reports. */
export interface ServerHandler extends ConnectionHandler {
  /** The header list of a request has come, its body may follow. `headers` is valid during the call only. */
  onRequestHeaders?(streamId: number, headers: HeaderFields, endStream: boolean): void;
  /** A request is complete. `headers` is valid during the call only; `body` is the callee's. */
  onRequest(streamId: number, headers: HeaderFields, body: Uint8Array): void;
  /** A stream ended by a reset, ours or the peer's, or with the connection. */
  onStreamReset?(streamId: number, error: Http2Error): void;
}
