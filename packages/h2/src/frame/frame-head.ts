// Frame head (RFC 9113 section 4.1)
//
//  +-----------------------------------------------+
//  |                 Length (24)                   |
//  +---------------+---------------+---------------+
//  |   Type (8)    |   Flags (8)   |
//  +-+-------------+---------------+-------------------------------+
//  |R|                 Stream Identifier (31)                      |
//  +=+=============================================================+
//  |                   Frame Payload (0...)                      ...
//  +---------------------------------------------------------------+
import { Buffer } from "node:buffer";

/** Octets of a frame head. */
export const frameHeadBytes = 9;

/** A decoded frame head. */
export interface FrameHead {
  /** Octets of the payload, up to 2^24-1. */
  readonly length: number;
  /** Frame type, known or not. */
  readonly type: number;
  /** All flags, undefined ones included. */
  readonly flags: number;
  /** Stream identifier; 0 for the connection. */
  readonly streamId: number;
}

/** Writes a frame head at `offset`; returns the offset after it. */
export function writeFrameHead(
  target: Uint8Array,
  offset: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  target[offset] = length >>> 16;
  target[offset + 1] = length >>> 8;
  target[offset + 2] = length;
  target[offset + 3] = type;
  target[offset + 4] = flags;
  return writeUint32(target, offset + 5, streamId);
}

/** Reads the frame head at `offset`. The reserved bit is ignored (section 4.1). */
export function readFrameHead(source: Uint8Array, offset: number): FrameHead {
  return {
    length: (source[offset]! << 16) | (source[offset + 1]! << 8) | source[offset + 2]!,
    type: source[offset + 3]!,
    flags: source[offset + 4]!,
    streamId: readUint31(source, offset + 5),
  };
}

/** Encodes a frame in a new buffer: for frames that are rare, tests and simulations. */
export function encodeFrame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(frameHeadBytes + payload.length);
  writeFrameHead(frame, 0, payload.length, type, flags, streamId);
  frame.set(payload, frameHeadBytes);
  return frame;
}

/** Reads 31 bits; the reserved bit before them is ignored. */
export function readUint31(source: Uint8Array, offset: number): number {
  return (
    ((source[offset]! & 0x7f) << 24) | (source[offset + 1]! << 16) | (source[offset + 2]! << 8) | source[offset + 3]!
  );
}

/** Reads 32 bits as an unsigned number. */
export function readUint32(source: Uint8Array, offset: number): number {
  return readUint31(source, offset) + (source[offset]! >= 0x80 ? 0x8000_0000 : 0);
}

/** Writes 32 bits; returns the offset after them. */
export function writeUint32(target: Uint8Array, offset: number, value: number): number {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
  return offset + 4;
}
