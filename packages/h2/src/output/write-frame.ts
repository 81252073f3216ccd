import { frameHeadBytes, writeFrameHead, writeUint32 } from "../frame/frame-head.js";
import type { OutputQueue } from "./output-queue.js";

/** Queues one frame. */
export function writeFrame(
  output: OutputQueue,
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): void {
  const at = output.reserve(frameHeadBytes + payload.length);
  const start = writeFrameHead(output.slab, at, payload.length, type, flags, streamId);
  output.slab.set(payload, start);
  output.commit(start + payload.length);
}

/** Queues one frame whose payload is a number of 32 bits: RST_STREAM or WINDOW_UPDATE. Allocates nothing. */
export function writeUint32Frame(output: OutputQueue, type: number, streamId: number, value: number): void {
  const at = output.reserve(frameHeadBytes + 4);
  const start = writeFrameHead(output.slab, at, 4, type, 0, streamId);
  output.commit(writeUint32(output.slab, start, value));
}
