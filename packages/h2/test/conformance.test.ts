// RFC 9113 section by section: what a peer may get wrong, and exactly what it must hear then.
import { describe, expect, it } from "vitest";
import {
  ClientConnection,
  encodeContinuationFrame,
  encodeDataFrame,
  encodeFrame,
  encodeGoAwayFrame,
  encodeHeadersFrame,
  encodePingFrame,
  encodePriorityFrame,
  encodePushPromiseFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
  FrameType,
  HpackEncoder,
  type Http2Error,
  Http2ErrorCode,
  ServerConnection,
} from "../src/index.ts";
import { drain, framesOf, okTemplate, postTemplate } from "./support/joined.ts";
import { hex, splits } from "./support/splits.ts";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const settings = encodeSettingsFrame({ ack: false, settings: [] });
const hello = Buffer.concat([preface, settings]);

function block(fields: [string, string][]): Buffer {
  const target = Buffer.alloc(65_536);
  const encoder = new HpackEncoder(0);
  let end = 0;
  for (const [name, value] of fields) end = encoder.encodeField(target, end, name, value, "none", false);
  return target.subarray(0, end);
}
const get: [string, string][] = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/"],
  [":authority", "a"],
];
const post: [string, string][] = [
  [":method", "POST"],
  [":scheme", "https"],
  [":path", "/"],
  [":authority", "a"],
];
function headers(streamId: number, fields: [string, string][] = get, endStream = true): Buffer {
  return encodeHeadersFrame({ streamId, fragment: block(fields), endStream, endHeaders: true });
}
function data(streamId: number, text: string, endStream: boolean): Buffer {
  return encodeDataFrame({ streamId, data: Buffer.from(text), endStream });
}
const rst = (streamId: number) => encodeRstStreamFrame({ streamId, http2ErrorCode: Http2ErrorCode.CANCEL });
const pushPromise = encodePushPromiseFrame({
  streamId: 1,
  promisedStreamId: 2,
  fragment: block(get),
  endHeaders: true,
});
const {
  PROTOCOL_ERROR,
  FRAME_SIZE_ERROR,
  FLOW_CONTROL_ERROR,
  COMPRESSION_ERROR,
  STREAM_CLOSED,
  REFUSED_STREAM,
  CANCEL,
  ENHANCE_YOUR_CALM,
} = Http2ErrorCode;

interface Verdict {
  requests: number[];
  connection: [string, number] | undefined;
  streams: [number, number][];
}

/** What a server does about the octets; `respond` answers at once. */
function judge(chunks: Uint8Array[], respond = false): Verdict {
  const requests: number[] = [];
  const errors: Http2Error[] = [];
  const server: ServerConnection = new ServerConnection(
    { maxConcurrentStreams: 2 },
    {
      onRequest: (streamId) => {
        requests.push(streamId);
        if (respond) server.respond(streamId, template);
      },
      onConnectionError: (error) => errors.push(error),
    },
  );
  const template = okTemplate(server);
  drain(server);
  for (const chunk of chunks) server.receive(chunk, 0);
  const frames = framesOf(drain(server));
  const goAway = frames
    .filter((frame) => frame.type === FrameType.GOAWAY)
    .map((frame) => frame.payload.readUInt32BE(4));
  expect(goAway).toEqual(errors.map((error) => error.http2ErrorCode));
  expect(server.isClosed).toBe(errors.length > 0);
  return {
    requests,
    connection: errors[0] && [errors[0].code, errors[0].http2ErrorCode],
    streams: frames
      .filter((frame) => frame.type === FrameType.RST_STREAM)
      .map((frame) => [frame.streamId, frame.payload.readUInt32BE(0)]),
  };
}

const connectionErrors: [string, string, number, Buffer[], respond?: boolean][] = [
  ["3.4 a wrong preface", "H2_PREFACE", PROTOCOL_ERROR, [Buffer.from("GET / HTTP/1.1\r\n\r\n")]],
  [
    "3.4 a first frame other than SETTINGS",
    "H2_FIRST_FRAME",
    PROTOCOL_ERROR,
    [preface, encodePingFrame({ ack: false, opaque: Buffer.alloc(8) })],
  ],
  [
    "3.4 a first SETTINGS that acknowledges",
    "H2_FIRST_FRAME",
    PROTOCOL_ERROR,
    [preface, encodeSettingsFrame({ ack: true, settings: [] })],
  ],
  [
    "4.2 DATA above SETTINGS_MAX_FRAME_SIZE",
    "H2_FRAME_TOO_LARGE",
    FRAME_SIZE_ERROR,
    [hello, headers(1, post, false), hex("004001 00 00 00000001")],
  ],
  [
    "4.3 a header block that is not HPACK",
    "H2_COMPRESSION",
    COMPRESSION_ERROR,
    [hello, encodeFrame(1, 5, 1, hex("ff80"))],
  ],
  [
    "4.3 a header block interrupted by another frame",
    "H2_CONTINUATION",
    PROTOCOL_ERROR,
    [
      hello,
      encodeHeadersFrame({ streamId: 1, fragment: block(get), endStream: true, endHeaders: false }),
      encodePriorityFrame({ streamId: 1, exclusive: false, dependsOn: 0, weight: 1 }),
    ],
  ],
  [
    "4.3 a header block interrupted by another stream's",
    "H2_CONTINUATION",
    PROTOCOL_ERROR,
    [hello, encodeHeadersFrame({ streamId: 1, fragment: block(get), endStream: true, endHeaders: false }), headers(3)],
  ],
  [
    "4.3 a header block interrupted by an unknown frame",
    "H2_CONTINUATION",
    PROTOCOL_ERROR,
    [
      hello,
      encodeHeadersFrame({ streamId: 1, fragment: block(get), endStream: true, endHeaders: false }),
      encodeFrame(0x16, 0, 0, Buffer.alloc(0)),
    ],
  ],
  ["5.1 DATA on an idle stream", "H2_IDLE_STREAM", PROTOCOL_ERROR, [hello, data(1, "x", true)]],
  ["5.1 RST_STREAM on an idle stream", "H2_IDLE_STREAM", PROTOCOL_ERROR, [hello, rst(1)]],
  [
    "5.1 WINDOW_UPDATE on an idle stream",
    "H2_IDLE_STREAM",
    PROTOCOL_ERROR,
    [hello, encodeWindowUpdateFrame({ streamId: 1, increment: 1 })],
  ],
  ["5.1 HEADERS on a closed stream", "H2_STREAM_CLOSED", STREAM_CLOSED, [hello, headers(1), headers(1)], true],
  ["5.1 DATA on a closed stream", "H2_STREAM_CLOSED", STREAM_CLOSED, [hello, headers(1), data(1, "x", true)], true],
  [
    "5.1 DATA after RST_STREAM of its sender",
    "H2_STREAM_CLOSED",
    STREAM_CLOSED,
    [hello, headers(1, post, false), rst(1), data(1, "x", true)],
  ],
  ["5.1.1 an even stream opened by a client", "H2_STREAM_ID_ORDER", PROTOCOL_ERROR, [hello, headers(2)]],
  ["5.1.1 a stream below the last one", "H2_STREAM_CLOSED", STREAM_CLOSED, [hello, headers(5), headers(3)]],
  ["6.1 DATA on stream 0", "H2_FRAME_STREAM_ID", PROTOCOL_ERROR, [hello, data(0, "x", true)]],
  [
    "6.1 padding as long as the payload",
    "H2_PADDING",
    PROTOCOL_ERROR,
    [hello, headers(1, post, false), encodeFrame(0, 8, 1, hex("0500000000"))],
  ],
  ["6.2 HEADERS on stream 0", "H2_FRAME_STREAM_ID", PROTOCOL_ERROR, [hello, headers(0)]],
  ["6.2 padding as long as the payload", "H2_PADDING", PROTOCOL_ERROR, [hello, encodeFrame(1, 0xd, 1, hex("0282"))]],
  [
    "6.2 no room for the priority",
    "H2_FRAME_SIZE",
    FRAME_SIZE_ERROR,
    [hello, encodeFrame(1, 0x25, 1, hex("00000000"))],
  ],
  ["6.3 PRIORITY on stream 0", "H2_FRAME_STREAM_ID", PROTOCOL_ERROR, [hello, encodeFrame(2, 0, 0, Buffer.alloc(5))]],
  [
    "6.3 PRIORITY of 4 octets on an idle stream, which cannot be reset",
    "H2_FRAME_SIZE",
    FRAME_SIZE_ERROR,
    [hello, encodeFrame(2, 0, 9, Buffer.alloc(4))],
  ],
  ["6.4 RST_STREAM on stream 0", "H2_FRAME_STREAM_ID", PROTOCOL_ERROR, [hello, rst(0)]],
  [
    "6.4 RST_STREAM of 3 octets",
    "H2_FRAME_SIZE",
    FRAME_SIZE_ERROR,
    [hello, headers(1, post, false), encodeFrame(3, 0, 1, Buffer.alloc(3))],
  ],
  ["6.5 SETTINGS on a stream", "H2_FRAME_STREAM_ID", PROTOCOL_ERROR, [hello, encodeFrame(4, 0, 1, Buffer.alloc(0))]],
  [
    "6.5 an acknowledgement with payload",
    "H2_FRAME_SIZE",
    FRAME_SIZE_ERROR,
    [hello, encodeFrame(4, 1, 0, Buffer.alloc(6))],
  ],
  [
    "6.5 a length that is no multiple of 6",
    "H2_FRAME_SIZE",
    FRAME_SIZE_ERROR,
    [hello, encodeFrame(4, 0, 0, Buffer.alloc(3))],
  ],
  [
    "6.5 an acknowledgement of nothing",
    "H2_SETTINGS_ACK",
    PROTOCOL_ERROR,
    [hello, encodeFrame(4, 1, 0, Buffer.alloc(0)), encodeFrame(4, 1, 0, Buffer.alloc(0))],
  ],
  [
    "6.5.2 ENABLE_PUSH of 2",
    "H2_SETTINGS_VALUE",
    PROTOCOL_ERROR,
    [hello, encodeSettingsFrame({ ack: false, settings: [[2, 2]] })],
  ],
  [
    "6.5.2 INITIAL_WINDOW_SIZE of 2^31",
    "H2_SETTINGS_WINDOW",
    FLOW_CONTROL_ERROR,
    [hello, encodeSettingsFrame({ ack: false, settings: [[4, 2 ** 31]] })],
  ],
  [
    "6.5.2 MAX_FRAME_SIZE of 16383",
    "H2_SETTINGS_VALUE",
    PROTOCOL_ERROR,
    [hello, encodeSettingsFrame({ ack: false, settings: [[5, 16_383]] })],
  ],
  ["6.6 PUSH_PROMISE from a client", "H2_PUSH_PROMISE", PROTOCOL_ERROR, [hello, headers(1), pushPromise]],
  ["6.7 PING on a stream", "H2_FRAME_STREAM_ID", PROTOCOL_ERROR, [hello, encodeFrame(6, 0, 1, Buffer.alloc(8))]],
  ["6.7 PING of 6 octets", "H2_FRAME_SIZE", FRAME_SIZE_ERROR, [hello, encodeFrame(6, 0, 0, Buffer.alloc(6))]],
  ["6.8 GOAWAY on a stream", "H2_FRAME_STREAM_ID", PROTOCOL_ERROR, [hello, encodeFrame(7, 0, 1, Buffer.alloc(8))]],
  [
    "6.8 GOAWAY naming a higher stream than before",
    "H2_GOAWAY_INCREASED",
    PROTOCOL_ERROR,
    [
      hello,
      encodeGoAwayFrame({ lastStreamId: 0, http2ErrorCode: 0, debugData: Buffer.alloc(0) }),
      encodeGoAwayFrame({ lastStreamId: 2, http2ErrorCode: 0, debugData: Buffer.alloc(0) }),
    ],
  ],
  [
    "6.9 WINDOW_UPDATE of 0 on the connection",
    "H2_WINDOW_INCREMENT",
    PROTOCOL_ERROR,
    [hello, encodeWindowUpdateFrame({ streamId: 0, increment: 0 })],
  ],
  ["6.9 WINDOW_UPDATE of 3 octets", "H2_FRAME_SIZE", FRAME_SIZE_ERROR, [hello, encodeFrame(8, 0, 0, Buffer.alloc(3))]],
  [
    "6.9.1 a connection window above 2^31-1",
    "H2_WINDOW_OVERFLOW",
    FLOW_CONTROL_ERROR,
    [hello, encodeWindowUpdateFrame({ streamId: 0, increment: 0x7fffffff })],
  ],
  [
    "6.9.2 a stream window above 2^31-1 by SETTINGS",
    "H2_WINDOW_OVERFLOW",
    FLOW_CONTROL_ERROR,
    [
      hello,
      headers(1),
      encodeWindowUpdateFrame({ streamId: 1, increment: 0x7fff0000 }),
      encodeSettingsFrame({ ack: false, settings: [[4, 0x7fffffff]] }),
    ],
  ],
  [
    "6.10 CONTINUATION without a beginning",
    "H2_CONTINUATION",
    PROTOCOL_ERROR,
    [hello, headers(1, post, false), encodeContinuationFrame({ streamId: 1, fragment: block(get), endHeaders: true })],
  ],
  [
    "6.10 CONTINUATION behind END_HEADERS",
    "H2_CONTINUATION",
    PROTOCOL_ERROR,
    [hello, headers(1), encodeContinuationFrame({ streamId: 1, fragment: Buffer.alloc(0), endHeaders: true })],
  ],
  [
    "6.10 CONTINUATION on stream 0",
    "H2_CONTINUATION",
    PROTOCOL_ERROR,
    [
      hello,
      encodeHeadersFrame({ streamId: 1, fragment: block(get), endStream: true, endHeaders: false }),
      encodeContinuationFrame({ streamId: 0, fragment: Buffer.alloc(0), endHeaders: true }),
    ],
  ],
];

const streamErrors: [string, number, Buffer[]][] = [
  ["5.1 DATA on a half-closed (remote) stream", STREAM_CLOSED, [headers(1), data(1, "x", true)]],
  ["5.1 HEADERS on a half-closed (remote) stream", STREAM_CLOSED, [headers(1), headers(1)]],
  ["5.1.2 a stream above SETTINGS_MAX_CONCURRENT_STREAMS", REFUSED_STREAM, [headers(3), headers(5), headers(7)]],
  [
    "5.3 HEADERS that depends on itself",
    PROTOCOL_ERROR,
    [
      encodeHeadersFrame({
        streamId: 1,
        fragment: block(get),
        endStream: true,
        endHeaders: true,
        priority: { exclusive: false, dependsOn: 1, weight: 1 },
      }),
    ],
  ],
  [
    "5.3 PRIORITY that depends on itself",
    PROTOCOL_ERROR,
    [headers(1), encodePriorityFrame({ streamId: 1, exclusive: false, dependsOn: 1, weight: 1 })],
  ],
  ["6.3 PRIORITY of 4 octets", FRAME_SIZE_ERROR, [headers(1), encodeFrame(2, 0, 1, Buffer.alloc(4))]],
  [
    "6.9 WINDOW_UPDATE of 0 on a stream",
    PROTOCOL_ERROR,
    [headers(1), encodeWindowUpdateFrame({ streamId: 1, increment: 0 })],
  ],
  [
    "6.9.1 a stream window above 2^31-1",
    FLOW_CONTROL_ERROR,
    [headers(1), encodeWindowUpdateFrame({ streamId: 1, increment: 0x7fffffff })],
  ],
  [
    "8.1 a second header list without END_STREAM",
    PROTOCOL_ERROR,
    [headers(1, post, false), headers(1, [["a", "b"]], false)],
  ],
  [
    "8.1.1 content-length above what comes",
    PROTOCOL_ERROR,
    [headers(1, [...post, ["content-length", "5"]], false), data(1, "four", true)],
  ],
  [
    "8.1.1 content-length below what comes",
    PROTOCOL_ERROR,
    [headers(1, [...post, ["content-length", "1"]], false), data(1, "four", true)],
  ],
  ["8.1.1 content-length without a body", PROTOCOL_ERROR, [headers(1, [...post, ["content-length", "1"]])]],
  ["8.1.1 content-length that is no number", PROTOCOL_ERROR, [headers(1, [...post, ["content-length", "1x"]], false)]],
  [
    "8.1.1 two content-lengths",
    PROTOCOL_ERROR,
    [headers(1, [...post, ["content-length", "1"], ["content-length", "2"]], false)],
  ],
  ["8.2.1 an upper-case name", PROTOCOL_ERROR, [headers(1, [...get, ["X-Test", "1"]])]],
  ["8.2.1 a blank in a name", PROTOCOL_ERROR, [headers(1, [...get, ["x test", "1"]])]],
  ["8.2.1 an empty name", PROTOCOL_ERROR, [encodeFrame(1, 5, 1, Buffer.concat([block(get), hex("00000161")]))]],
  ["8.2.1 a line feed in a value", PROTOCOL_ERROR, [headers(1, [...get, ["x", "a\nb"]])]],
  ["8.2.2 connection", PROTOCOL_ERROR, [headers(1, [...get, ["connection", "close"]])]],
  ["8.2.2 transfer-encoding", PROTOCOL_ERROR, [headers(1, [...get, ["transfer-encoding", "chunked"]])]],
  ["8.2.2 te other than trailers", PROTOCOL_ERROR, [headers(1, [...get, ["te", "gzip"]])]],
  ["8.3 an unknown pseudo-header", PROTOCOL_ERROR, [headers(1, [...get, [":unknown", "1"]])]],
  [
    "8.3 a pseudo-header behind a field",
    PROTOCOL_ERROR,
    [headers(1, [...get.slice(0, 3), ["a", "b"], [":authority", "a"]])],
  ],
  ["8.3 a pseudo-header twice", PROTOCOL_ERROR, [headers(1, [...get, [":path", "/"]])]],
  ["8.3 a response's pseudo-header", PROTOCOL_ERROR, [headers(1, [...get, [":status", "200"]])]],
  ["8.3 a pseudo-header among trailers", PROTOCOL_ERROR, [headers(1, post, false), headers(1, [[":path", "/"]])]],
  ["8.3.1 no :method", PROTOCOL_ERROR, [headers(1, get.slice(1))]],
  ["8.3.1 no :scheme", PROTOCOL_ERROR, [headers(1, [get[0]!, get[2]!])]],
  ["8.3.1 no :path", PROTOCOL_ERROR, [headers(1, get.slice(0, 2))]],
  ["8.3.1 an empty :path", PROTOCOL_ERROR, [headers(1, [get[0]!, get[1]!, [":path", ""]])]],
  [
    "8.5 CONNECT with :scheme",
    PROTOCOL_ERROR,
    [
      headers(1, [
        [":method", "CONNECT"],
        [":scheme", "https"],
        [":authority", "a"],
      ]),
    ],
  ],
  [
    "10.5.1 a header list that is too large",
    ENHANCE_YOUR_CALM,
    [headers(1, [...get, ["x", "y".repeat(16_000)], ["z", "1".repeat(300)]]).subarray(0, 0), ...large()],
  ],
  [
    "a body that is too large",
    CANCEL,
    [headers(1, post, false), ...Array.from({ length: 5 }, () => data(1, "x".repeat(16_000), false))],
  ],
];

function large(): Buffer[] {
  const whole = block([...get, ["x", "y".repeat(10_000)], ["z", "1".repeat(7000)]]);
  return [
    encodeHeadersFrame({ streamId: 1, fragment: whole.subarray(0, 16_000), endStream: true, endHeaders: false }),
    encodeContinuationFrame({ streamId: 1, fragment: whole.subarray(16_000), endHeaders: true }),
  ];
}

describe("a server ends the connection for", () => {
  it.each(connectionErrors)("%s", (_, code, http2ErrorCode, input, respond = false) => {
    const verdict = judge(input, respond);
    expect(verdict.connection).toEqual([code, http2ErrorCode]);
  });

  it.each(connectionErrors.filter(([, , , input]) => Buffer.concat(input).length < 200))(
    "%s, however it is cut",
    (_, code, http2ErrorCode, input, respond = false) => {
      for (const { title, chunks } of splits(Buffer.concat(input))) {
        expect([title, judge(chunks, respond).connection]).toEqual([title, [code, http2ErrorCode]]);
      }
    },
  );
});

describe("a server ends one stream for", () => {
  it.each(streamErrors)("%s", (_, http2ErrorCode, input) => {
    const verdict = judge([hello, ...input]);
    expect(verdict.connection).toBeUndefined();
    const last = http2ErrorCode === REFUSED_STREAM ? 7 : 1;
    expect(verdict.streams).toEqual([[last, http2ErrorCode]]);
    // and the connection goes on
    expect(
      judge([hello, ...input, rst(3), rst(5)].slice(0, 1 + input.length).concat(last === 1 ? [headers(9)] : []))
        .requests,
    ).toContain(last === 1 ? 9 : 5);
  });
});

describe("a server accepts", () => {
  it.each<[string, Buffer[], number[]]>([
    [
      "4.1 unknown frame types, flags and settings",
      [
        encodeFrame(0x16, 0xff, 0, Buffer.alloc(8)),
        encodeSettingsFrame({ ack: false, settings: [[0xff, 1]] }),
        headers(1),
      ],
      [1],
    ],
    [
      "5.1 PRIORITY on an idle and on a closed stream",
      [
        encodePriorityFrame({ streamId: 7, exclusive: false, dependsOn: 0, weight: 1 }),
        headers(1),
        rst(1),
        encodePriorityFrame({ streamId: 1, exclusive: false, dependsOn: 0, weight: 1 }),
        headers(3),
      ],
      [1, 3],
    ],
    [
      "5.1 RST_STREAM and WINDOW_UPDATE on a closed stream",
      [headers(1), rst(1), rst(1), encodeWindowUpdateFrame({ streamId: 1, increment: 1 }), headers(3)],
      [1, 3],
    ],
    [
      "6.10 a header block in three frames",
      [
        encodeHeadersFrame({ streamId: 1, fragment: block(get).subarray(0, 1), endStream: true, endHeaders: false }),
        encodeContinuationFrame({ streamId: 1, fragment: block(get).subarray(1, 4), endHeaders: false }),
        encodeContinuationFrame({ streamId: 1, fragment: block(get).subarray(4), endHeaders: true }),
      ],
      [1],
    ],
    [
      "6.1 padding",
      [
        headers(1, post, false),
        encodeDataFrame({ streamId: 1, data: Buffer.from("x"), endStream: true, padLength: 255 }),
      ],
      [1],
    ],
    ["8.1 trailers", [headers(1, post, false), data(1, "x", false), headers(1, [["checksum", "1"]])], [1]],
    [
      "8.5 CONNECT",
      [
        headers(1, [
          [":method", "CONNECT"],
          [":authority", "a"],
        ]),
      ],
      [1],
    ],
    ["8.2.2 te: trailers", [headers(1, [...get, ["te", "trailers"]])], [1]],
    ["an empty DATA with END_STREAM", [headers(1, post, false), data(1, "", true)], [1]],
  ])("%s", (_, input, requests) => {
    for (const { chunks } of splits(Buffer.concat([hello, ...input]))) {
      expect(judge(chunks)).toEqual({ requests, connection: undefined, streams: [] });
    }
  });
});

describe("a client", () => {
  function judgeClient(chunks: Buffer[]): {
    connection: [string, number] | undefined;
    failed: string[];
    statuses: number[];
  } {
    const errors: Http2Error[] = [];
    const failed: string[] = [];
    const statuses: number[] = [];
    const client: ClientConnection = new ClientConnection(
      {},
      {
        onResponse: (_, httpStatus) => statuses.push(httpStatus),
        onRequestFailed: (_, failure) => failed.push(failure.error.code),
        onConnectionError: (error) => errors.push(error),
      },
    );
    client.request(postTemplate(client), "aa", undefined, Buffer.from("{}"), null);
    drain(client);
    for (const chunk of chunks) client.receive(chunk, 0);
    const goAways = framesOf(drain(client)).filter((frame) => frame.type === FrameType.GOAWAY);
    expect(goAways.length).toBe(errors.length);
    return { connection: errors[0] && [errors[0].code, errors[0].http2ErrorCode], failed, statuses };
  }
  const ok: [string, string][] = [[":status", "200"]];

  it.each<[string, string, number, Buffer[]]>([
    ["3.4 a first frame other than SETTINGS", "H2_FIRST_FRAME", PROTOCOL_ERROR, [headers(1, ok)]],
    ["5.1 HEADERS on an idle stream", "H2_IDLE_STREAM", PROTOCOL_ERROR, [settings, headers(3, ok)]],
    ["5.1 HEADERS on a stream of the server", "H2_IDLE_STREAM", PROTOCOL_ERROR, [settings, headers(2, ok)]],
    ["5.1 a second answer", "H2_STREAM_CLOSED", STREAM_CLOSED, [settings, headers(1, ok), headers(1, ok)]],
    ["6.6 PUSH_PROMISE", "H2_PUSH_PROMISE", PROTOCOL_ERROR, [settings, pushPromise]],
    [
      "6.5.2 ENABLE_PUSH of 1 from a server",
      "H2_SETTINGS_VALUE",
      PROTOCOL_ERROR,
      [encodeSettingsFrame({ ack: false, settings: [[2, 1]] })],
    ],
  ])("ends the connection for %s", (_, code, http2ErrorCode, input) => {
    expect(judgeClient(input).connection).toEqual([code, http2ErrorCode]);
  });

  it.each<[string, string, Buffer[]]>([
    ["8.3.2 no :status", "H2_MALFORMED_MESSAGE", [headers(1, [["a", "b"]])]],
    ["8.3.2 a :status of two digits", "H2_MALFORMED_MESSAGE", [headers(1, [[":status", "20"]])]],
    ["8.3 a request's pseudo-header", "H2_MALFORMED_MESSAGE", [headers(1, [...ok, [":path", "/"]])]],
    ["8.1 DATA before HEADERS", "H2_MALFORMED_MESSAGE", [data(1, "x", true)]],
    ["8.1 an interim response that ends the stream", "H2_MALFORMED_MESSAGE", [headers(1, [[":status", "100"]])]],
    ["8.6 101", "H2_MALFORMED_MESSAGE", [headers(1, [[":status", "101"]], false)]],
    [
      "8.1.1 content-length that does not match",
      "H2_CONTENT_LENGTH",
      [headers(1, [...ok, ["content-length", "3"]], false), data(1, "four", true)],
    ],
    [
      "a body that is too large",
      "H2_BODY_TOO_LARGE",
      [headers(1, ok, false), data(1, "x".repeat(16_384), false), data(1, "x", true)],
    ],
    ["a reset", "H2_RESET_BY_PEER", [rst(1)]],
  ])("fails one request for %s", (_, code, input) => {
    expect(judgeClient([settings, ...input])).toEqual({ connection: undefined, failed: [code], statuses: [] });
  });

  it.each<[string, Buffer[]]>([
    ["interim responses before the answer", [headers(1, [[":status", "103"]], false), headers(1, ok)]],
    ["trailers", [headers(1, ok, false), data(1, "x", false), headers(1, [["a", "b"]])]],
  ])("accepts %s", (_, input) => {
    for (const { chunks } of splits(Buffer.concat([settings, ...input]))) {
      expect(judgeClient(chunks.map((chunk) => Buffer.from(chunk)))).toEqual({
        connection: undefined,
        failed: [],
        statuses: [200],
      });
    }
  });
});
