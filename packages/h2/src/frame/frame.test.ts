import { describe, expect, it } from "vitest";
import { hex } from "../../test/support/splits.ts";
import { decodeContinuationFrame, encodeContinuationFrame } from "./continuation.js";
import { decodeDataFrame, encodeDataFrame } from "./data.js";
import { type FrameHead, frameHeadBytes, readFrameHead } from "./frame-head.js";
import { decodeGoAwayFrame, encodeGoAwayFrame } from "./go-away.js";
import { decodeHeadersFrame, encodeHeadersFrame } from "./headers.js";
import { decodePingFrame, encodePingFrame } from "./ping.js";
import { decodePriorityFrame, encodePriorityFrame } from "./priority.js";
import { decodePushPromiseFrame, encodePushPromiseFrame } from "./push-promise.js";
import { decodeRstStreamFrame, encodeRstStreamFrame } from "./rst-stream.js";
import { decodeSettingsFrame, encodeSettingsFrame } from "./settings.js";
import { decodeWindowUpdateFrame, encodeWindowUpdateFrame } from "./window-update.js";

const octets = Buffer.from("abc");
const priority = { exclusive: true, dependsOn: 7, weight: 256 };

type Codec = [encode: (frame: never) => Buffer, decode: (head: FrameHead, payload: Uint8Array) => unknown];
const data: Codec = [encodeDataFrame, decodeDataFrame];
const headers: Codec = [encodeHeadersFrame, decodeHeadersFrame];
const priorityCodec: Codec = [encodePriorityFrame, decodePriorityFrame];
const rstStream: Codec = [encodeRstStreamFrame, decodeRstStreamFrame];
const settings: Codec = [encodeSettingsFrame, decodeSettingsFrame];
const pushPromise: Codec = [encodePushPromiseFrame, decodePushPromiseFrame];
const ping: Codec = [encodePingFrame, decodePingFrame];
const goAway: Codec = [encodeGoAwayFrame, decodeGoAwayFrame];
const windowUpdate: Codec = [encodeWindowUpdateFrame, decodeWindowUpdateFrame];
const continuation: Codec = [encodeContinuationFrame, decodeContinuationFrame];

function decodeWith(codec: Codec, frame: Buffer): unknown {
  return codec[1](readFrameHead(frame, 0), frame.subarray(frameHeadBytes));
}

describe("frames are written as RFC 9113 section 6 draws them, and read back", () => {
  it.each<[string, Codec, object, string]>([
    ["DATA", data, { streamId: 1, data: octets, endStream: true }, "000003 00 01 00000001 616263"],
    [
      "DATA, padded",
      data,
      { streamId: 1, data: octets, endStream: false, padLength: 2 },
      "000006 00 08 00000001 02 616263 0000",
    ],
    [
      "HEADERS",
      headers,
      { streamId: 3, fragment: octets, endStream: true, endHeaders: true },
      "000003 01 05 00000003 616263",
    ],
    [
      "HEADERS with everything",
      headers,
      { streamId: 3, fragment: octets, endStream: false, endHeaders: false, priority, padLength: 1 },
      "00000a 01 28 00000003 01 80000007 ff 616263 00",
    ],
    ["PRIORITY", priorityCodec, { streamId: 3, ...priority }, "000005 02 00 00000003 80000007 ff"],
    ["RST_STREAM", rstStream, { streamId: 3, http2ErrorCode: 0xfffffff0 }, "000004 03 00 00000003 fffffff0"],
    [
      "SETTINGS",
      settings,
      {
        ack: false,
        settings: [
          [3, 100],
          [0xabcd, 0xffffffff],
        ],
      },
      "00000c 04 00 00000000 0003 00000064 abcd ffffffff",
    ],
    ["SETTINGS, acknowledging", settings, { ack: true, settings: [] }, "000000 04 01 00000000"],
    [
      "PUSH_PROMISE",
      pushPromise,
      { streamId: 1, promisedStreamId: 2, fragment: octets, endHeaders: true, padLength: 0 },
      "000008 05 0c 00000001 00 00000002 616263",
    ],
    ["PING", ping, { ack: true, opaque: Buffer.from("12345678") }, "000008 06 01 00000000 3132333435363738"],
    [
      "GOAWAY",
      goAway,
      { lastStreamId: 0x7fffffff, http2ErrorCode: 11, debugData: octets },
      "00000b 07 00 00000000 7fffffff 0000000b 616263",
    ],
    ["WINDOW_UPDATE", windowUpdate, { streamId: 0, increment: 0x7fffffff }, "000004 08 00 00000000 7fffffff"],
    ["CONTINUATION", continuation, { streamId: 5, fragment: octets, endHeaders: true }, "000003 09 04 00000005 616263"],
  ])("%s", (_, codec, frame, expected) => {
    const written = codec[0](frame as never);
    expect(written.toString("hex")).toBe(hex(expected).toString("hex"));
    expect(decodeWith(codec, written)).toEqual(frame);
  });

  it("ignores the reserved bit", () => {
    expect(readFrameHead(hex("000000 00 00 80000001"), 0).streamId).toBe(1);
    expect(decodeWith(windowUpdate, hex("000004 08 00 00000001 80000005"))).toEqual({ streamId: 1, increment: 5 });
  });
});

describe("frames are refused with the right error", () => {
  it.each<[string, Codec, string, string, string]>([
    ["DATA on stream 0", data, "000000 00 00 00000000", "H2_FRAME_STREAM_ID", "connection"],
    ["DATA padded beyond its end", data, "000002 00 08 00000001 02 00", "H2_PADDING", "connection"],
    ["DATA padded without a pad length", data, "000000 00 08 00000001", "H2_FRAME_SIZE", "connection"],
    ["HEADERS on stream 0", headers, "000000 01 04 00000000", "H2_FRAME_STREAM_ID", "connection"],
    ["HEADERS too short for its priority", headers, "000004 01 24 00000001 00000000", "H2_FRAME_SIZE", "connection"],
    ["PRIORITY on stream 0", priorityCodec, "000005 02 00 00000000 0000000000", "H2_FRAME_STREAM_ID", "connection"],
    ["PRIORITY of 4 octets", priorityCodec, "000004 02 00 00000001 00000000", "H2_FRAME_SIZE", "stream"],
    ["PRIORITY on itself", priorityCodec, "000005 02 00 00000001 0000000100", "H2_SELF_DEPENDENCY", "stream"],
    ["RST_STREAM on stream 0", rstStream, "000004 03 00 00000000 00000000", "H2_FRAME_STREAM_ID", "connection"],
    ["RST_STREAM of 3 octets", rstStream, "000003 03 00 00000001 000000", "H2_FRAME_SIZE", "connection"],
    ["SETTINGS on a stream", settings, "000000 04 00 00000001", "H2_FRAME_STREAM_ID", "connection"],
    ["SETTINGS of 5 octets", settings, "000005 04 00 00000000 0000000000", "H2_FRAME_SIZE", "connection"],
    [
      "an acknowledging SETTINGS with payload",
      settings,
      "000006 04 01 00000000 000300000000",
      "H2_FRAME_SIZE",
      "connection",
    ],
    ["ENABLE_PUSH of 2", settings, "000006 04 00 00000000 000200000002", "H2_SETTINGS_VALUE", "connection"],
    ["INITIAL_WINDOW_SIZE of 2^31", settings, "000006 04 00 00000000 000480000000", "H2_SETTINGS_WINDOW", "connection"],
    ["MAX_FRAME_SIZE of 16383", settings, "000006 04 00 00000000 000500003fff", "H2_SETTINGS_VALUE", "connection"],
    ["MAX_FRAME_SIZE of 2^24", settings, "000006 04 00 00000000 000501000000", "H2_SETTINGS_VALUE", "connection"],
    ["PUSH_PROMISE on stream 0", pushPromise, "000004 05 04 00000000 00000002", "H2_FRAME_STREAM_ID", "connection"],
    ["PUSH_PROMISE of 3 octets", pushPromise, "000003 05 04 00000001 000000", "H2_FRAME_SIZE", "connection"],
    ["PING on a stream", ping, "000008 06 00 00000001 0000000000000000", "H2_FRAME_STREAM_ID", "connection"],
    ["PING of 7 octets", ping, "000007 06 00 00000000 00000000000000", "H2_FRAME_SIZE", "connection"],
    ["GOAWAY on a stream", goAway, "000008 07 00 00000001 0000000000000000", "H2_FRAME_STREAM_ID", "connection"],
    ["GOAWAY of 7 octets", goAway, "000007 07 00 00000000 00000000000000", "H2_FRAME_SIZE", "connection"],
    ["WINDOW_UPDATE of 3 octets", windowUpdate, "000003 08 00 00000000 000000", "H2_FRAME_SIZE", "connection"],
    ["WINDOW_UPDATE of 0", windowUpdate, "000004 08 00 00000000 00000000", "H2_WINDOW_INCREMENT", "connection"],
    ["WINDOW_UPDATE of 0 on a stream", windowUpdate, "000004 08 00 00000001 00000000", "H2_WINDOW_INCREMENT", "stream"],
    ["CONTINUATION on stream 0", continuation, "000000 09 04 00000000", "H2_FRAME_STREAM_ID", "connection"],
  ])("%s", (_, codec, octets, code, scope) => {
    expect(() => decodeWith(codec, hex(octets))).toThrow(expect.objectContaining({ code, scope }));
  });
});
