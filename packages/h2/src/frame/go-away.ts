// GOAWAY (RFC 9113 section 6.8)
//
//  +-+-------------------------------------------------------------+
//  |R|                  Last-Stream-ID (31)                        |
//  +-+-------------------------------------------------------------+
//  |                      Error Code (32)                          |
//  +---------------------------------------------------------------+
//  |                  Additional Debug Data (*)                    |
//  +---------------------------------------------------------------+
import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { encodeFrame, type FrameHead, readUint31, readUint32, writeUint32 } from "./frame-head.js";
import { FrameType } from "./frame-type.js";

/** A GOAWAY frame. Its sender has not processed and will not process streams above `lastStreamId`. */
export interface GoAwayFrame {
  readonly lastStreamId: number;
  readonly http2ErrorCode: number;
  readonly debugData: Uint8Array;
}

export function encodeGoAwayFrame(frame: GoAwayFrame): Buffer {
  const payload = Buffer.alloc(8 + frame.debugData.length);
  writeUint32(payload, 0, frame.lastStreamId);
  writeUint32(payload, 4, frame.http2ErrorCode);
  payload.set(frame.debugData, 8);
  return encodeFrame(FrameType.GOAWAY, 0, 0, payload);
}

/** @throws Http2Error H2_FRAME_STREAM_ID on a stream; H2_FRAME_SIZE */
export function decodeGoAwayFrame(head: FrameHead, payload: Uint8Array): GoAwayFrame {
  if (head.streamId !== 0) throw connectionFault("H2_FRAME_STREAM_ID", "GOAWAY on a stream");
  if (payload.length < 8) throw connectionFault("H2_FRAME_SIZE", "GOAWAY is shorter than 8 octets");
  return {
    lastStreamId: readUint31(payload, 0),
    http2ErrorCode: readUint32(payload, 4),
    debugData: payload.subarray(8),
  };
}
