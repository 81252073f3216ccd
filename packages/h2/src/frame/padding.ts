// Padding of DATA, HEADERS and PUSH_PROMISE (RFC 9113 sections 6.1, 6.2, 6.6)
//
//  +---------------+
//  |Pad Length? (8)|
//  +---------------+------------- … -------------------------------+
//  |                            Content                            |
//  +---------------------------------------------------------------+
//  |                           Padding (*)                       ...
//  +---------------------------------------------------------------+
import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";

/**
 * Reads the pad length field at the beginning of the payload `source[start..end)`.
 * @throws Http2Error H2_FRAME_SIZE if the payload is empty; H2_PADDING if the padding is as long as the payload or
 * longer
 */
export function readPadLength(source: Uint8Array, start: number, end: number): number {
  if (start >= end) throw connectionFault("H2_FRAME_SIZE", "no room for the pad length");
  const padLength = source[start]!;
  if (padLength >= end - start) throw connectionFault("H2_PADDING");
  return padLength;
}

/** The content with the pad length field before and `padLength` zeros behind it. */
export function pad(content: Uint8Array, padLength: number): Buffer {
  return Buffer.concat([Buffer.of(padLength), content, Buffer.alloc(padLength)]);
}
