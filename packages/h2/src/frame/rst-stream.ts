// RST_STREAM (RFC 9113 section 6.4)
//
//  +---------------------------------------------------------------+
//  |                        Error Code (32)                        |
//  +---------------------------------------------------------------+
import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { encodeFrame, type FrameHead, readUint32, writeUint32 } from "./frame-head.js";
import { FrameType } from "./frame-type.js";

/** A RST_STREAM frame. */
export interface RstStreamFrame {
  readonly streamId: number;
  readonly http2ErrorCode: number;
}

export function encodeRstStreamFrame(frame: RstStreamFrame): Buffer {
  const payload = Buffer.alloc(4);
  writeUint32(payload, 0, frame.http2ErrorCode);
  return encodeFrame(FrameType.RST_STREAM, 0, frame.streamId, payload);
}

/** @throws Http2Error H2_FRAME_STREAM_ID on stream 0; H2_FRAME_SIZE */
export function decodeRstStreamFrame(head: FrameHead, payload: Uint8Array): RstStreamFrame {
  if (head.streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "RST_STREAM on stream 0");
  // "A RST_STREAM frame with a length other than 4 octets MUST be treated as a connection error of type
  // FRAME_SIZE_ERROR"
  if (payload.length !== 4) throw connectionFault("H2_FRAME_SIZE", "RST_STREAM is not 4 octets long");
  return { streamId: head.streamId, http2ErrorCode: readUint32(payload, 0) };
}
