// DATA (RFC 9113 section 6.1)
//
//  +---------------+-----------------------------------------------+
//  |Pad Length? (8)|                   Data (*)                  ...
//  +---------------+-----------------------------------------------+
//  |                           Padding (*)                       ...
//  +---------------------------------------------------------------+
import type { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { encodeFrame, type FrameHead } from "./frame-head.js";
import { FrameFlag, FrameType } from "./frame-type.js";
import { pad, readPadLength } from "./padding.js";

/** A DATA frame. The whole payload, padding included, counts against the windows. */
export interface DataFrame {
  readonly streamId: number;
  readonly data: Uint8Array;
  readonly endStream: boolean;
  /** Padding octets, 0 to 255; undefined without the PADDED flag. */
  readonly padLength?: number;
}

export function encodeDataFrame(frame: DataFrame): Buffer {
  const end = frame.endStream ? FrameFlag.END_STREAM : 0;
  if (frame.padLength === undefined) return encodeFrame(FrameType.DATA, end, frame.streamId, frame.data);
  return encodeFrame(FrameType.DATA, end | FrameFlag.PADDED, frame.streamId, pad(frame.data, frame.padLength));
}

/** @throws Http2Error H2_FRAME_STREAM_ID on stream 0; H2_PADDING */
export function decodeDataFrame(head: FrameHead, payload: Uint8Array): DataFrame {
  // "If a DATA frame is received whose Stream Identifier field is 0x00, the recipient MUST respond with a connection
  // error"
  if (head.streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "DATA on stream 0");
  const endStream = (head.flags & FrameFlag.END_STREAM) !== 0;
  if ((head.flags & FrameFlag.PADDED) === 0) return { streamId: head.streamId, data: payload, endStream };
  const padLength = readPadLength(payload, 0, payload.length);
  return { streamId: head.streamId, data: payload.subarray(1, payload.length - padLength), endStream, padLength };
}
