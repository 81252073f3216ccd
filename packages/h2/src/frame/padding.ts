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
 * Length of the padding behind `source[start..end)`, whose first octet is the pad length field.
 * @throws Http2Error H2_FRAME_SIZE without room for the field; H2_PADDING if the padding leaves no room for itself
 */
export function readPadLength(source: Uint8Array, start: number, end: number): number {
  if (start >= end) throw connectionFault("H2_FRAME_SIZE", "no room for the pad length");
  const padLength = source[start]!;
  if (padLength >= end - start) throw connectionFault("H2_PADDING");
  return padLength;
}

/** Content with a pad length before and that many zeros behind it. */
export function pad(content: Uint8Array, padLength: number): Buffer {
  return Buffer.concat([Buffer.of(padLength), content, Buffer.alloc(padLength)]);
}
