// PING (RFC 9113 section 6.7)
//
//  +---------------------------------------------------------------+
//  |                      Opaque Data (64)                         |
//  +---------------------------------------------------------------+
import type { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { encodeFrame, type FrameHead } from "./frame-head.js";
import { FrameFlag, FrameType } from "./frame-type.js";

/** A PING frame; `opaque` is 8 octets. */
export interface PingFrame {
  readonly ack: boolean;
  readonly opaque: Uint8Array;
}

export function encodePingFrame(frame: PingFrame): Buffer {
  return encodeFrame(FrameType.PING, frame.ack ? FrameFlag.ACK : 0, 0, frame.opaque);
}

/** @throws Http2Error H2_FRAME_STREAM_ID on a stream; H2_FRAME_SIZE */
export function decodePingFrame(head: FrameHead, payload: Uint8Array): PingFrame {
  if (head.streamId !== 0) throw connectionFault("H2_FRAME_STREAM_ID", "PING on a stream");
  // "Receipt of a PING frame with a length field value other than 8 MUST be treated as a connection error"
  if (payload.length !== 8) throw connectionFault("H2_FRAME_SIZE", "PING is not 8 octets long");
  return { ack: (head.flags & FrameFlag.ACK) !== 0, opaque: payload };
}
