// WINDOW_UPDATE (RFC 9113 section 6.9)
//
//  +-+-------------------------------------------------------------+
//  |R|              Window Size Increment (31)                     |
//  +-+-------------------------------------------------------------+
import { Buffer } from "node:buffer";
import { connectionFault, streamFault } from "../errors.js";
import { encodeFrame, type FrameHead, readUint31, writeUint32 } from "./frame-head.js";
import { FrameType } from "./frame-type.js";

/** A WINDOW_UPDATE frame; stream 0 is the connection. */
export interface WindowUpdateFrame {
  readonly streamId: number;
  /** 1 to 2^31-1. */
  readonly increment: number;
}

export function encodeWindowUpdateFrame(frame: WindowUpdateFrame): Buffer {
  const payload = Buffer.alloc(4);
  writeUint32(payload, 0, frame.increment);
  return encodeFrame(FrameType.WINDOW_UPDATE, 0, frame.streamId, payload);
}

/** @throws Http2Error H2_FRAME_SIZE; H2_WINDOW_INCREMENT, for the stream or for the connection */
export function decodeWindowUpdateFrame(head: FrameHead, payload: Uint8Array): WindowUpdateFrame {
  return { streamId: head.streamId, increment: readWindowIncrement(payload, 0, payload.length, head.streamId) };
}

/** Reads and checks the increment of the payload `source[start..end)`. Allocates nothing. */
export function readWindowIncrement(source: Uint8Array, start: number, end: number, streamId: number): number {
  if (end - start !== 4) throw connectionFault("H2_FRAME_SIZE", "WINDOW_UPDATE is not 4 octets long");
  const increment = readUint31(source, start);
  // "A receiver MUST treat the receipt of a WINDOW_UPDATE frame with a flow-control window increment of 0 as a stream
  // error"
  if (increment === 0) {
    throw streamId === 0 ? connectionFault("H2_WINDOW_INCREMENT") : streamFault("H2_WINDOW_INCREMENT", streamId);
  }
  return increment;
}
