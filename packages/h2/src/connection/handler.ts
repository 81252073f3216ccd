import type { Http2Error, Initiator } from "../errors.js";
import type { GoAwayFrame } from "../frame/go-away.js";
import type { HeaderFields } from "../hpack/header-fields.js";
import type { Http2Settings } from "./http2-settings.js";

/** Events of a connection, in both roles. Every method is called during a call of a method of the connection. */
export interface ConnectionHandler {
  /** The peer's SETTINGS have been applied; the acknowledgement is queued. */
  onSettings?(settings: Http2Settings): void;
  /** The peer has acknowledged the oldest outstanding SETTINGS of this side, which are in force now. */
  onSettingsAck?(settings: Http2Settings): void;
  /** The peer has acknowledged a PING. */
  onPingAck?(roundTripMs: number): void;
  /** GOAWAY has arrived (RFC 9113 section 6.8). `debugData` may be kept. */
  onGoAway?(goAway: GoAwayFrame): void;
  /**
   * The connection has ended by an error. GOAWAY is queued, every open stream was reported: write the output and close
   * the transport connection.
   */
  onConnectionError?(error: Http2Error): void;
  /** GOAWAY was sent or received, and the last open stream has ended. */
  onDrained?(): void;
}

/** The part of a response that has arrived; the rest will not. */
export interface PartialResponse {
  readonly httpStatus: number;
  readonly headers: HeaderFields;
  /** The part of the body that has arrived. */
  readonly body: Uint8Array;
}

/** Why a request gets no response, and what is certain about it. */
export interface RequestFailure {
  /** Its `code` is H2_RESET_BY_PEER, H2_CANCELLED, H2_GOAWAY, H2_CONNECTION_LOST, or that of a fault of the peer. */
  readonly error: Http2Error;
  /** The error code of the RST_STREAM or GOAWAY that was sent or received. */
  readonly http2ErrorCode: number;
  readonly initiator: Initiator;
  /** `:status` of the response if it was read, even if the response is malformed and must not be used. */
  readonly httpStatus: number | undefined;
  /** Whether some of its octets were taken by the driver (`takeOutput`). */
  readonly written: boolean;
  /**
   * `no` if the peer has certainly not processed the request: it was not written when the connection ended, was refused
   * (REFUSED_STREAM), or is above the last stream of GOAWAY.
   */
  readonly processed: "no" | "unknown";
  /**
   * The part of the response that has arrived; valid during the call. Undefined if the final header list has not
   * arrived, or if the response is malformed and must not be used (RFC 9113 section 8.1.1).
   */
  readonly response: PartialResponse | undefined;
}

/** Events of a client connection. `Context` is the type of the values that the caller passes to `request`. */
export interface ClientHandler<Context> extends ConnectionHandler {
  /**
   * A response is complete. `headers` is valid during the call; `body` may be kept, and is empty if there was none.
   */
  onResponse(context: Context, httpStatus: number, headers: HeaderFields, body: Uint8Array): void;
  /** A request gets no response. Called exactly once for every request without an `onResponse`. */
  onRequestFailed(context: Context, failure: RequestFailure): void;
  /**
   * The server has sent more frames of one kind than its budget allows. The connection drains: GOAWAY is queued, no
   * more requests are taken, open requests go on, and `onDrained` reports the end of the last one.
   */
  onFlood?(error: Http2Error): void;
  /**
   * `availableStreams` may have grown: by SETTINGS, WINDOW_UPDATE or the end of a stream without a response. Not called
   * for each response.
   */
  onCapacity?(): void;
}

/** Events of a server connection. */
export interface ServerHandler extends ConnectionHandler {
  /**
   * The header list of a request has arrived; a body follows unless `endStream`. `headers` is valid during the call.
   */
  onRequestHeaders?(streamId: number, headers: HeaderFields, endStream: boolean): void;
  /**
   * A request is complete. `headers` is valid during the call; `body` may be kept. Not called while too many octets of
   * responses wait (`ServerConnection.isFull`): requests that are complete by then follow, in order, when there is room.
   */
  onRequest(streamId: number, headers: HeaderFields, body: Uint8Array): void;
  /** `ServerConnection.isFull` has become false. Called before the requests that were withheld. */
  onRoom?(): void;
  /** A stream has ended by RST_STREAM of either side, or with the connection. */
  onStreamReset?(streamId: number, error: Http2Error): void;
}
