// HEADERS (RFC 9113 section 6.2)
//
//  +---------------+
//  |Pad Length? (8)|
//  +-+-------------+-----------------------------------------------+
//  |E|                 Stream Dependency? (31)                     |
//  +-+-------------+-----------------------------------------------+
//  |  Weight? (8)  |
//  +-+-------------+-----------------------------------------------+
//  |                   Field Block Fragment (*)                  ...
//  +---------------------------------------------------------------+
//  |                           Padding (*)                       ...
//  +---------------------------------------------------------------+
import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { encodeFrame, type FrameHead } from "./frame-head.js";
import { FrameFlag, FrameType } from "./frame-type.js";
import { pad, readPadLength } from "./padding.js";
import { priorityBytes, priorityOctets, readPriority, type StreamPriority } from "./priority.js";

/** A HEADERS frame with its fragment of the encoded header block. */
export interface HeadersFrame {
  readonly streamId: number;
  readonly fragment: Uint8Array;
  readonly endStream: boolean;
  readonly endHeaders: boolean;
  readonly priority?: StreamPriority;
  /** Padding octets, 0 to 255; undefined without the PADDED flag. */
  readonly padLength?: number;
}

export function encodeHeadersFrame(frame: HeadersFrame): Buffer {
  let flags = (frame.endStream ? FrameFlag.END_STREAM : 0) | (frame.endHeaders ? FrameFlag.END_HEADERS : 0);
  let payload = frame.fragment;
  if (frame.priority !== undefined) {
    flags |= FrameFlag.PRIORITY;
    payload = Buffer.concat([priorityOctets(frame.priority), payload]);
  }
  if (frame.padLength !== undefined) {
    flags |= FrameFlag.PADDED;
    payload = pad(payload, frame.padLength);
  }
  return encodeFrame(FrameType.HEADERS, flags, frame.streamId, payload);
}

/**
 * @throws Http2Error H2_FRAME_STREAM_ID on stream 0; H2_PADDING; H2_FRAME_SIZE without room for the announced fields
 */
export function decodeHeadersFrame(head: FrameHead, payload: Uint8Array): HeadersFrame {
  if (head.streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "HEADERS on stream 0");
  let start = 0;
  let end = payload.length;
  let padLength: number | undefined;
  let priority: StreamPriority | undefined;
  if (head.flags & FrameFlag.PADDED) {
    padLength = readPadLength(payload, 0, end);
    start = 1;
    end -= padLength;
  }
  if (head.flags & FrameFlag.PRIORITY) {
    if (end - start < priorityBytes) throw connectionFault("H2_FRAME_SIZE", "no room for the priority fields");
    priority = readPriority(payload, start);
    start += priorityBytes;
  }
  return {
    streamId: head.streamId,
    fragment: payload.subarray(start, end),
    endStream: (head.flags & FrameFlag.END_STREAM) !== 0,
    endHeaders: (head.flags & FrameFlag.END_HEADERS) !== 0,
    ...(priority === undefined ? {} : { priority }),
    ...(padLength === undefined ? {} : { padLength }),
  };
}
