import { Http2ErrorCode, http2ErrorCodeName } from "./http2-error-code.js";

/** The side that caused an error: this one (`local`), its caller included, or the peer (`remote`). */
export type Initiator = "local" | "remote";

/**
 * The scope of an error: it ends one stream or the connection; or, as an error of the caller (`usage`), it is thrown
 * and ends nothing.
 */
export type ErrorScope = "stream" | "connection" | "usage";

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, STREAM_CLOSED } = Http2ErrorCode;
const { COMPRESSION_ERROR, ENHANCE_YOUR_CALM, REFUSED_STREAM, SETTINGS_TIMEOUT, NO_ERROR, CANCEL, INTERNAL_ERROR } =
  Http2ErrorCode;

/** Error codes. They are stable between versions, messages are not. */
export type Http2FaultCode =
  | "H2_PREFACE"
  | "H2_FIRST_FRAME"
  | "H2_FRAME_TOO_LARGE"
  | "H2_FRAME_SIZE"
  | "H2_FRAME_STREAM_ID"
  | "H2_PADDING"
  | "H2_SELF_DEPENDENCY"
  | "H2_STREAM_ID_ORDER"
  | "H2_IDLE_STREAM"
  | "H2_STREAM_CLOSED"
  | "H2_CONTINUATION"
  | "H2_CONTINUATION_FLOOD"
  | "H2_HEADER_BLOCK_TOO_LARGE"
  | "H2_HEADER_LIST_TOO_LARGE"
  | "H2_COMPRESSION"
  | "H2_MALFORMED_MESSAGE"
  | "H2_CONTENT_LENGTH"
  | "H2_PUSH_PROMISE"
  | "H2_SETTINGS_VALUE"
  | "H2_SETTINGS_WINDOW"
  | "H2_SETTINGS_ACK"
  | "H2_SETTINGS_TIMEOUT"
  | "H2_PING_TIMEOUT"
  | "H2_WINDOW_INCREMENT"
  | "H2_WINDOW_OVERFLOW"
  | "H2_WINDOW_EXCEEDED"
  | "H2_GOAWAY_INCREASED"
  | "H2_TOO_MANY_STREAMS"
  | "H2_SETTINGS_FLOOD"
  | "H2_PING_FLOOD"
  | "H2_RESET_FLOOD"
  | "H2_EMPTY_DATA_FLOOD"
  | "H2_IGNORED_FLOOD"
  | "H2_OUTPUT_FLOOD"
  | "H2_OUTPUT_FULL"
  | "H2_BODIES_TOO_LARGE"
  | "H2_BODY_TOO_LARGE"
  | "H2_CANCELLED"
  | "H2_RESET_BY_PEER"
  | "H2_GOAWAY"
  | "H2_CONNECTION_LOST"
  | "H2_HANDLER"
  | "H2_USAGE";

// For each code: the error code of RFC 9113 section 7, the section that requires it, and the message. The scope is no
// part of the row because the RFC makes some faults stream errors in one place and connection errors in another.
const faults: Readonly<Record<Http2FaultCode, readonly [number, string, string]>> = {
  H2_PREFACE: [PROTOCOL_ERROR, "RFC 9113 3.4", "the connection preface is not the one HTTP/2 prescribes"],
  H2_FIRST_FRAME: [PROTOCOL_ERROR, "RFC 9113 3.4", "the first frame is not SETTINGS"],
  H2_FRAME_TOO_LARGE: [FRAME_SIZE_ERROR, "RFC 9113 4.2", "a frame exceeds SETTINGS_MAX_FRAME_SIZE"],
  H2_FRAME_SIZE: [FRAME_SIZE_ERROR, "RFC 9113 4.2", "a frame has a length its type does not allow"],
  H2_FRAME_STREAM_ID: [PROTOCOL_ERROR, "RFC 9113 6", "a frame is on a stream its type does not allow"],
  H2_PADDING: [PROTOCOL_ERROR, "RFC 9113 6.1", "the padding is as long as the payload or longer"],
  H2_SELF_DEPENDENCY: [PROTOCOL_ERROR, "RFC 9113 5.3", "a stream depends on itself"],
  H2_STREAM_ID_ORDER: [
    PROTOCOL_ERROR,
    "RFC 9113 5.1.1",
    "a stream identifier is not above the earlier ones or has the wrong parity",
  ],
  H2_IDLE_STREAM: [PROTOCOL_ERROR, "RFC 9113 5.1", "a frame refers to an idle stream"],
  H2_STREAM_CLOSED: [STREAM_CLOSED, "RFC 9113 5.1", "a frame arrived on a stream whose sender had ended it"],
  H2_CONTINUATION: [PROTOCOL_ERROR, "RFC 9113 6.10", "a header block is interrupted, or continued without a beginning"],
  H2_CONTINUATION_FLOOD: [ENHANCE_YOUR_CALM, "RFC 9113 10.5.1", "a header block has too many CONTINUATION frames"],
  H2_HEADER_BLOCK_TOO_LARGE: [
    ENHANCE_YOUR_CALM,
    "RFC 9113 10.5.1",
    "a header block is larger than this endpoint accepts",
  ],
  H2_HEADER_LIST_TOO_LARGE: [
    ENHANCE_YOUR_CALM,
    "RFC 9113 10.5.1",
    "a header list is larger than this endpoint accepts",
  ],
  H2_COMPRESSION: [COMPRESSION_ERROR, "RFC 9113 4.3", "a header block cannot be decoded"],
  H2_MALFORMED_MESSAGE: [PROTOCOL_ERROR, "RFC 9113 8.1.1", "a message is malformed"],
  H2_CONTENT_LENGTH: [PROTOCOL_ERROR, "RFC 9113 8.1.1", "content-length is not the sum of the DATA payloads"],
  H2_PUSH_PROMISE: [PROTOCOL_ERROR, "RFC 9113 6.6", "PUSH_PROMISE arrived although push is disabled"],
  H2_SETTINGS_VALUE: [PROTOCOL_ERROR, "RFC 9113 6.5.2", "a setting has a value outside its range"],
  H2_SETTINGS_WINDOW: [FLOW_CONTROL_ERROR, "RFC 9113 6.5.2", "SETTINGS_INITIAL_WINDOW_SIZE exceeds 2^31-1"],
  H2_SETTINGS_ACK: [PROTOCOL_ERROR, "RFC 9113 6.5", "SETTINGS was acknowledged but none was outstanding"],
  H2_SETTINGS_TIMEOUT: [SETTINGS_TIMEOUT, "RFC 9113 6.5.3", "SETTINGS was not acknowledged in time"],
  H2_PING_TIMEOUT: [NO_ERROR, "RFC 9113 6.7", "PING was not answered in time"],
  H2_WINDOW_INCREMENT: [PROTOCOL_ERROR, "RFC 9113 6.9", "WINDOW_UPDATE has an increment of zero"],
  H2_WINDOW_OVERFLOW: [FLOW_CONTROL_ERROR, "RFC 9113 6.9.1", "a window exceeds 2^31-1"],
  H2_WINDOW_EXCEEDED: [FLOW_CONTROL_ERROR, "RFC 9113 6.9", "the peer sent more DATA than the window allows"],
  H2_GOAWAY_INCREASED: [PROTOCOL_ERROR, "RFC 9113 6.8", "a later GOAWAY names a higher stream than an earlier one"],
  H2_TOO_MANY_STREAMS: [REFUSED_STREAM, "RFC 9113 5.1.2", "the stream exceeds SETTINGS_MAX_CONCURRENT_STREAMS"],
  H2_SETTINGS_FLOOD: [ENHANCE_YOUR_CALM, "RFC 9113 10.5", "too many SETTINGS frames"],
  H2_PING_FLOOD: [ENHANCE_YOUR_CALM, "RFC 9113 10.5", "too many PING frames"],
  H2_RESET_FLOOD: [ENHANCE_YOUR_CALM, "RFC 9113 10.5", "too many streams were opened only to be reset"],
  H2_EMPTY_DATA_FLOOD: [ENHANCE_YOUR_CALM, "RFC 9113 10.5", "too many empty DATA frames"],
  H2_IGNORED_FLOOD: [ENHANCE_YOUR_CALM, "RFC 9113 10.5", "too many frames that change nothing"],
  H2_OUTPUT_FLOOD: [ENHANCE_YOUR_CALM, "RFC 9113 10.5", "the peer causes answers but does not read them"],
  H2_OUTPUT_FULL: [ENHANCE_YOUR_CALM, "RFC 9113 10.5", "more responses wait than this endpoint holds"],
  H2_BODIES_TOO_LARGE: [REFUSED_STREAM, "RFC 9113 10.5", "the bodies of open streams exceed what this endpoint holds"],
  H2_BODY_TOO_LARGE: [CANCEL, "RFC 9113 8.1", "a body is larger than this endpoint accepts"],
  H2_CANCELLED: [CANCEL, "RFC 9113 6.4", "the stream was reset by this side"],
  H2_RESET_BY_PEER: [CANCEL, "RFC 9113 6.4", "the stream was reset by the peer"],
  H2_GOAWAY: [NO_ERROR, "RFC 9113 6.8", "the peer sent GOAWAY and did not process the stream"],
  H2_CONNECTION_LOST: [NO_ERROR, "RFC 9113 5.4", "the transport connection ended"],
  H2_HANDLER: [INTERNAL_ERROR, "RFC 9113 5.4.1", "a handler threw"],
  H2_USAGE: [INTERNAL_ERROR, "RFC 9113", "the connection was used incorrectly"],
};

/**
 * An error of a connection, of a stream, or of the caller.
 *
 * Faults of the peer are not thrown by `receive`: they are reported to the handler, after RST_STREAM or GOAWAY was
 * queued. Only errors of the caller (`scope: "usage"`) are thrown.
 */
export class Http2Error extends Error {
  override readonly name: string = "Http2Error";
  /** Stable code of the error. */
  readonly code: Http2FaultCode;
  /** Error code of RFC 9113 section 7: the one that the RFC requires to be sent, or the one that the peer sent. */
  readonly http2ErrorCode: number;
  /** The side that caused the error. */
  readonly initiator: Initiator;
  /** What the error ended. */
  readonly scope: ErrorScope;
  /** The stream concerned; 0 for the connection. */
  readonly streamId: number;

  constructor(
    code: Http2FaultCode,
    scope: ErrorScope,
    options: {
      initiator?: Initiator;
      streamId?: number;
      detail?: string;
      http2ErrorCode?: number;
      cause?: unknown;
    } = {},
  ) {
    const [wireCode, section, text] = faults[code];
    const http2ErrorCode = options.http2ErrorCode ?? wireCode;
    const detail = options.detail === undefined ? "" : `: ${options.detail}`;
    super(`${text}${detail} (${section}, ${http2ErrorCodeName(http2ErrorCode)})`, { cause: options.cause });
    this.code = code;
    this.http2ErrorCode = http2ErrorCode;
    this.initiator = options.initiator ?? (scope === "usage" ? "local" : "remote");
    this.scope = scope;
    this.streamId = options.streamId ?? 0;
  }
}

/** A fault of the peer that ends the connection. Thrown within a connection, reported to its handler. */
export function connectionFault(code: Http2FaultCode, detail?: string, http2ErrorCode?: number): Http2Error {
  return new Http2Error(code, "connection", {
    ...(detail === undefined ? {} : { detail }),
    ...(http2ErrorCode === undefined ? {} : { http2ErrorCode }),
  });
}

/** A fault of the peer that ends one stream. Thrown within a connection, reported to its handler. */
export function streamFault(
  code: Http2FaultCode,
  streamId: number,
  detail?: string,
  http2ErrorCode?: number,
): Http2Error {
  return new Http2Error(code, "stream", {
    streamId,
    ...(detail === undefined ? {} : { detail }),
    ...(http2ErrorCode === undefined ? {} : { http2ErrorCode }),
  });
}

/** An error of the caller. Thrown before anything is changed. */
export function usageFault(detail: string): Http2Error {
  return new Http2Error("H2_USAGE", "usage", { detail });
}
