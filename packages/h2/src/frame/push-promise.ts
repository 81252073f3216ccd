// PUSH_PROMISE (RFC 9113 section 6.6). Connections neither send nor accept it; the codec is for tests and tools.
//
//  +---------------+
//  |Pad Length? (8)|
//  +-+-------------+-----------------------------------------------+
//  |R|                  Promised Stream ID (31)                    |
//  +-+-----------------------------+-------------------------------+
//  |                   Field Block Fragment (*)                  ...
//  +---------------------------------------------------------------+
//  |                           Padding (*)                       ...
//  +---------------------------------------------------------------+
import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { encodeFrame, type FrameHead, readUint31, writeUint32 } from "./frame-head.js";
import { FrameFlag, FrameType } from "./frame-type.js";
import { pad, readPadLength } from "./padding.js";

/** A PUSH_PROMISE frame with its fragment of the encoded header block. */
export interface PushPromiseFrame {
  readonly streamId: number;
  readonly promisedStreamId: number;
  readonly fragment: Uint8Array;
  readonly endHeaders: boolean;
  /** Padding octets, 0 to 255; undefined without the PADDED flag. */
  readonly padLength?: number;
}

export function encodePushPromiseFrame(frame: PushPromiseFrame): Buffer {
  const promised = Buffer.alloc(4);
  writeUint32(promised, 0, frame.promisedStreamId);
  const content = Buffer.concat([promised, frame.fragment]);
  const flags = frame.endHeaders ? FrameFlag.END_HEADERS : 0;
  if (frame.padLength === undefined) return encodeFrame(FrameType.PUSH_PROMISE, flags, frame.streamId, content);
  return encodeFrame(FrameType.PUSH_PROMISE, flags | FrameFlag.PADDED, frame.streamId, pad(content, frame.padLength));
}

/** @throws Http2Error H2_FRAME_STREAM_ID on stream 0; H2_PADDING; H2_FRAME_SIZE */
export function decodePushPromiseFrame(head: FrameHead, payload: Uint8Array): PushPromiseFrame {
  if (head.streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "PUSH_PROMISE on stream 0");
  let start = 0;
  let end = payload.length;
  let padLength: number | undefined;
  if (head.flags & FrameFlag.PADDED) {
    padLength = readPadLength(payload, 0, end);
    start = 1;
    end -= padLength;
  }
  if (end - start < 4) throw connectionFault("H2_FRAME_SIZE", "no room for the promised stream");
  return {
    streamId: head.streamId,
    promisedStreamId: readUint31(payload, start),
    fragment: payload.subarray(start + 4, end),
    endHeaders: (head.flags & FrameFlag.END_HEADERS) !== 0,
    ...(padLength === undefined ? {} : { padLength }),
  };
}
