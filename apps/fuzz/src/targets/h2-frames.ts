// Frames of HTTP/2 for the seeds of both roles, and a change that leaves what is a frame a frame.
import {
  encodeContinuationFrame,
  encodeDataFrame,
  encodeFrame,
  encodeGoAwayFrame,
  encodeHeadersFrame,
  encodePingFrame,
  encodePriorityFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
  frameHeadBytes,
  readFrameHead,
} from "@apns/h2";
import { mutateBytes } from "../inputs/mutate-bytes.js";
import type { Random } from "../inputs/random.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Header blocks: sound ones of requests and responses, some that use the table, and broken ones. */
const blocks: readonly Buffer[] = [
  // POST https / with an authority; with a length; Huffman; literals never indexed.
  hex("83 87 84 41 01 61"),
  hex("83 87 84 41 01 61 5c 01 35"),
  hex("83 87 44 86 60 75 99 63 92 d8 41 8c f1e3c2e5f23a6ba0ab90f4ff"),
  hex("83 87 84 10 04 61706e73 02 6964"),
  hex("83 87 84 40 0a 637573746f6d2d6b6579 0d 637573746f6d2d686561646572"),
  hex("83 87 84 be"),
  // 200, 400, 410 with a length, 100, and one of a table size of 0.
  hex("88"),
  hex("8c 5c 02 3138"),
  hex("48 03 343130 5c 02 3433"),
  hex("48 03 313030"),
  hex("20 88"),
  hex("3f e1 1f 88"),
  // No path; an index that is not there; cut short; a name in capitals; trailers.
  hex("83 87"),
  hex("ff 80 01"),
  hex("83 87 84 40 7f"),
  hex("83 87 84 40 01 41 01 61"),
  hex("40 04 67727063 01 30"),
];

function anyFrame(random: Random): Buffer {
  const streamId = random.pick([0, 1, 1, 3, 3, 5, 7, 2, 0x7fff_ffff]);
  const value = random.pick([0, 1, 100, 16_384, 65_535, 0x7fff_ffff, 0xffff_ffff]);
  switch (random.below(12)) {
    case 0:
      return encodeSettingsFrame({
        ack: false,
        settings: Array.from({ length: random.below(4) }, () => [1 + random.below(9), value] as const),
      });
    case 1:
      return encodeSettingsFrame({ ack: true, settings: [] });
    case 2:
      return encodePingFrame({ ack: random.oneIn(3), opaque: Buffer.alloc(8, random.below(256)) });
    case 3:
      return encodeRstStreamFrame({ streamId, http2ErrorCode: random.below(15) });
    case 4:
      return encodeWindowUpdateFrame({ streamId, increment: value & 0x7fff_ffff });
    case 5:
      return encodeGoAwayFrame({
        lastStreamId: random.pick([0, 1, 3, 0x7fff_ffff]),
        http2ErrorCode: random.below(15),
        debugData: Buffer.from('{"reason":"Shutdown"}'),
      });
    case 6:
      return encodePriorityFrame({ streamId, exclusive: random.oneIn(2), dependsOn: random.below(9), weight: 16 });
    case 7:
      return encodeContinuationFrame({
        streamId,
        fragment: random.pick(blocks),
        endHeaders: random.oneIn(2),
      });
    case 8:
      return encodeFrame(random.below(16), random.below(256), streamId, random.bytes(random.below(40)) as Buffer);
    case 9:
    case 10:
      return encodeDataFrame({
        streamId,
        data: Buffer.alloc(random.pick([0, 5, 18, 4096]), 0x61),
        endStream: random.oneIn(2),
      });
    default:
      return encodeHeadersFrame({
        streamId,
        fragment: random.pick(blocks),
        endStream: random.oneIn(2),
        endHeaders: !random.oneIn(6),
      });
  }
}

/** What stands between two frame heads, and what is left when there is none. */
function framesOf(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes);
  const frames: Buffer[] = [];
  let offset = 0;
  while (offset + frameHeadBytes <= all.length) {
    const end = offset + frameHeadBytes + readFrameHead(all, offset).length;
    frames.push(all.subarray(offset, end));
    offset = end;
  }
  if (offset < all.length) frames.push(all.subarray(offset));
  return frames;
}

/** Changes a sequence of frames: some added, left out, doubled or moved, or their content changed and the length with it. */
export function mutateFrames(seed: Uint8Array, random: Random): Uint8Array {
  const frames = framesOf(seed);
  for (let times = 1 + random.below(5); times > 0; times--) {
    const at = random.below(frames.length + 1);
    switch (random.below(6)) {
      case 0:
        frames.splice(at, 1);
        break;
      case 1:
        frames.splice(at, 0, ...frames.slice(at, at + 1 + random.below(3)));
        break;
      case 2:
        frames.splice(random.below(frames.length + 1), 0, ...frames.splice(at, 1));
        break;
      case 3:
        if (at < frames.length) frames[at] = changedFrame(frames[at]!, random);
        break;
      default:
        frames.splice(at, 0, anyFrame(random));
    }
  }
  return Buffer.concat(frames);
}

function changedFrame(frame: Buffer, random: Random): Buffer {
  if (frame.length <= frameHeadBytes) return frame;
  const { type, flags, streamId } = readFrameHead(frame, 0);
  const payload = Buffer.from(mutateBytes(frame.subarray(frameHeadBytes), frame, random));
  return encodeFrame(type, random.oneIn(3) ? random.below(256) : flags, streamId, payload);
}

const headers = (streamId: number, block: number, endStream: boolean): Buffer =>
  encodeHeadersFrame({ streamId, fragment: blocks[block]!, endStream, endHeaders: true });
const data = (streamId: number, text: string): Buffer =>
  encodeDataFrame({ streamId, data: Buffer.from(text), endStream: true });
const settings: Buffer = encodeSettingsFrame({
  ack: false,
  settings: [
    [3, 1000],
    [4, 65_535],
  ],
});
const acknowledged: Buffer = encodeSettingsFrame({ ack: true, settings: [] });

/** What clients send behind their preface. */
export const clientSeeds: readonly Uint8Array[] = [
  Buffer.concat([
    settings,
    acknowledged,
    headers(1, 0, true),
    headers(3, 3, true),
    headers(5, 4, true),
    headers(7, 5, true),
  ]),
  Buffer.concat([settings, headers(1, 1, false), data(1, "hello"), acknowledged, headers(3, 2, false), data(3, "{}")]),
  Buffer.concat([
    settings,
    encodeHeadersFrame({ streamId: 1, fragment: blocks[0]!.subarray(0, 3), endStream: true, endHeaders: false }),
    encodeContinuationFrame({ streamId: 1, fragment: blocks[0]!.subarray(3), endHeaders: true }),
    encodeRstStreamFrame({ streamId: 1, http2ErrorCode: 8 }),
    encodeWindowUpdateFrame({ streamId: 0, increment: 1000 }),
    encodePingFrame({ ack: false, opaque: Buffer.alloc(8) }),
    encodeGoAwayFrame({ lastStreamId: 0, http2ErrorCode: 0, debugData: Buffer.alloc(0) }),
  ]),
];

/** What servers send, to a client with requests on the streams 1, 3, 5 and 7. */
export const serverSeeds: readonly Uint8Array[] = [
  Buffer.concat([
    settings,
    acknowledged,
    headers(1, 6, true),
    headers(3, 7, false),
    data(3, '{"reason":"Late"}x'),
    headers(5, 8, true),
  ]),
  Buffer.concat([
    settings,
    headers(1, 9, false),
    headers(1, 6, false),
    data(1, ""),
    headers(3, 10, false),
    data(3, "a"),
    headers(5, 16, true),
  ]),
  Buffer.concat([
    settings,
    encodeSettingsFrame({
      ack: false,
      settings: [
        [1, 0],
        [4, 10],
        [5, 16_777_215],
      ],
    }),
    encodeRstStreamFrame({ streamId: 3, http2ErrorCode: 7 }),
    encodeGoAwayFrame({ lastStreamId: 1, http2ErrorCode: 0, debugData: Buffer.from('{"reason":"Shutdown"}') }),
    headers(1, 6, true),
  ]),
];
