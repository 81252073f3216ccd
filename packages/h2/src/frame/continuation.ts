// CONTINUATION (RFC 9113 section 6.10)
//
//  +---------------------------------------------------------------+
//  |                   Field Block Fragment (*)                  ...
//  +---------------------------------------------------------------+
import type { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { encodeFrame, type FrameHead } from "./frame-head.js";
import { FrameFlag, FrameType } from "./frame-type.js";

/** A CONTINUATION frame with its fragment of the encoded header block. */
export interface ContinuationFrame {
  readonly streamId: number;
  readonly fragment: Uint8Array;
  readonly endHeaders: boolean;
}

export function encodeContinuationFrame(frame: ContinuationFrame): Buffer {
  const flags = frame.endHeaders ? FrameFlag.END_HEADERS : 0;
  return encodeFrame(FrameType.CONTINUATION, flags, frame.streamId, frame.fragment);
}

/** @throws Http2Error H2_FRAME_STREAM_ID on stream 0 */
export function decodeContinuationFrame(head: FrameHead, payload: Uint8Array): ContinuationFrame {
  if (head.streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "CONTINUATION on stream 0");
  return { streamId: head.streamId, fragment: payload, endHeaders: (head.flags & FrameFlag.END_HEADERS) !== 0 };
}
