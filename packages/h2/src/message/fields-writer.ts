import { frameHeadBytes, writeFrameHead } from "../frame/frame-head.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { type HpackEncoder, maxFieldBytes, maxUpdateBytes } from "../hpack/encoder.js";
import type { HeaderField } from "../hpack/header-fields.js";
import type { OutputQueue } from "../output/output-queue.js";
import { writeFrame } from "../output/write-frame.js";

/**
 * Queues a header list without a template. A block larger than `maxFrameBytes` (SETTINGS_MAX_FRAME_SIZE of the peer) is
 * continued in CONTINUATION frames.
 */
export function writeFields(
  output: OutputQueue,
  encoder: HpackEncoder,
  maxFrameBytes: number,
  streamId: number,
  fields: readonly HeaderField[],
  endStream: boolean,
): void {
  const maxBytes = fields.reduce((sum, [name, value]) => sum + maxFieldBytes(name, value), maxUpdateBytes);
  const end = endStream ? FrameFlag.END_STREAM : 0;
  if (maxBytes <= maxFrameBytes) {
    const at = output.reserve(frameHeadBytes + maxBytes);
    const stop = encodeFields(encoder, output.slab, at + frameHeadBytes, fields);
    const flags = end | FrameFlag.END_HEADERS;
    writeFrameHead(output.slab, at, stop - at - frameHeadBytes, FrameType.HEADERS, flags, streamId);
    output.commit(stop);
    return;
  }
  const block = new Uint8Array(maxBytes);
  const length = encodeFields(encoder, block, 0, fields);
  for (let offset = 0; offset === 0 || offset < length; offset += maxFrameBytes) {
    const stop = Math.min(length, offset + maxFrameBytes);
    const type = offset === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
    const flags = (stop === length ? FrameFlag.END_HEADERS : 0) | (offset === 0 ? end : 0);
    writeFrame(output, type, flags, streamId, block.subarray(offset, stop));
  }
}

/** Fields without a template are seldom repeated: only those of the static table are indexed. */
function encodeFields(
  encoder: HpackEncoder,
  target: Uint8Array,
  start: number,
  fields: readonly HeaderField[],
): number {
  let offset = encoder.writeUpdates(target, start);
  for (const [name, value] of fields) {
    offset = encoder.encodeField(target, offset, name, value, name === ":status" ? "table" : "none", false);
  }
  return offset;
}
