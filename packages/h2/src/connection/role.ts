import type { Http2Error } from "../errors.js";
import type { HeaderFields } from "../hpack/header-fields.js";
import type { Stream } from "../streams/stream.js";
import type { FloodCode } from "./flood-guard.js";

/** The other endpoint of a connection. */
export type Peer = "client" | "server";

/**
 * What a client does differently from a server. The connection checks frames, states, windows and limits, and calls the
 * role with the result; a role reports to its handler.
 */
export interface Role {
  /** Queues this side's connection preface (RFC 9113 section 3.4). */
  sendPreface(now: number): void;
  /**
   * The first header list on an idle stream (`stream` is undefined), or on a stream without a final header list. False
   * if the list changes nothing.
   * @param fields - must be copied to be kept
   * @throws Http2Error a fault of the list
   */
  headersReceived(
    stream: Stream | undefined,
    streamId: number,
    fields: HeaderFields,
    endStream: boolean,
    selfDependent: boolean,
  ): boolean;
  /** END_STREAM has arrived behind a body or trailers, and the length of the body is right. */
  messageComplete(stream: Stream): void;
  /** An open stream ends by an error: removes and reports it. */
  streamFailed(stream: Stream, error: Http2Error): void;
  /** Whether HEADERS or DATA on a closed stream that is not among the remembered resets are in order. */
  mayReceiveOnClosed(streamId: number): boolean;
  /** The peer's limit on streams or its connection window has changed. */
  capacityChanged(): void;
  /** Output may have been written, or bodies that wait for window may have been dropped. */
  roomChanged(): void;
  /** GOAWAY has arrived. */
  goAwayReceived(lastStreamId: number, http2ErrorCode: number): void;
  /** The peer has exceeded a budget. @throws Http2Error if that ends the connection at once */
  floodExceeded(code: FloodCode): void;
  /** The connection is about to end by an error; its GOAWAY is not queued yet. */
  connectionFailing(): void;
}
