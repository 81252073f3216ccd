// PRIORITY (RFC 9113 section 6.3; deprecated, but its length is still checked)
//
//  +-+-------------------------------------------------------------+
//  |E|                  Stream Dependency (31)                     |
//  +-+-------------+-----------------------------------------------+
//  |  Weight (8)   |
//  +---------------+
import { Buffer } from "node:buffer";
import { connectionFault, streamFault } from "../errors.js";
import { encodeFrame, type FrameHead, readUint31, writeUint32 } from "./frame-head.js";
import { FrameType } from "./frame-type.js";

/** The deprecated priority fields of PRIORITY and HEADERS. */
export interface StreamPriority {
  readonly exclusive: boolean;
  readonly dependsOn: number;
  /** 1 to 256: the octet on the wire plus one. */
  readonly weight: number;
}

/** A PRIORITY frame. Connections ignore it. */
export interface PriorityFrame extends StreamPriority {
  readonly streamId: number;
}

/** Octets of the priority fields. */
export const priorityBytes = 5;

export function readPriority(source: Uint8Array, offset: number): StreamPriority {
  return {
    exclusive: source[offset]! >= 0x80,
    dependsOn: readUint31(source, offset),
    weight: source[offset + 4]! + 1,
  };
}

export function priorityOctets(priority: StreamPriority): Buffer {
  const octets = Buffer.alloc(priorityBytes);
  writeUint32(octets, 0, priority.dependsOn | (priority.exclusive ? 0x8000_0000 : 0));
  octets[4] = priority.weight - 1;
  return octets;
}

export function encodePriorityFrame(frame: PriorityFrame): Buffer {
  return encodeFrame(FrameType.PRIORITY, 0, frame.streamId, priorityOctets(frame));
}

/** @throws Http2Error H2_FRAME_STREAM_ID on stream 0; H2_FRAME_SIZE and H2_SELF_DEPENDENCY for the stream */
export function decodePriorityFrame(head: FrameHead, payload: Uint8Array): PriorityFrame {
  if (head.streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "PRIORITY on stream 0");
  // "A PRIORITY frame with a length other than 5 octets MUST be treated as a stream error"
  if (payload.length !== priorityBytes)
    throw streamFault("H2_FRAME_SIZE", head.streamId, "PRIORITY is not 5 octets long");
  const priority = readPriority(payload, 0);
  if (priority.dependsOn === head.streamId) throw streamFault("H2_SELF_DEPENDENCY", head.streamId);
  return { streamId: head.streamId, ...priority };
}
