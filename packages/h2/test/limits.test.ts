// What a hostile peer can make grow, and where that ends.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ClientConnection,
  type Connection,
  encodeContinuationFrame,
  encodeFrame,
  encodeHeadersFrame,
  encodePingFrame,
  encodePriorityFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
  FrameType,
  Http2Error,
  Http2ErrorCode,
  ServerConnection,
  type ServerConnectionOptions,
  SettingId,
} from "../src/index.ts";
import { drain, framesOf, postTemplate } from "./support/joined.ts";
import { hex } from "./support/splits.ts";

const hello = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  encodeSettingsFrame({ ack: false, settings: [] }),
]);
const request = (streamId: number, endStream = true) =>
  encodeHeadersFrame({ streamId, fragment: hex("828784 410161"), endStream, endHeaders: true });
const rst = (streamId: number) => encodeRstStreamFrame({ streamId, http2ErrorCode: Http2ErrorCode.CANCEL });

function serve(options: ServerConnectionOptions = {}): { server: ServerConnection; errors: Http2Error[] } {
  const errors: Http2Error[] = [];
  const server = new ServerConnection(options, { onRequest() {}, onConnectionError: (error) => errors.push(error) });
  drain(server);
  server.receive(hello, 0);
  return { server, errors };
}

/** How many of the frames were taken before the connection ended, and with what. */
function flood(
  frames: (index: number) => Buffer,
  options: ServerConnectionOptions = {},
  take = true,
): [number, string | undefined, number | undefined] {
  const { server, errors } = serve(options);
  let index = 0;
  while (index < 20_000 && !server.isClosed) {
    server.receive(frames(index++), 0);
    if (take && !server.isClosed) drain(server);
  }
  return [index - 1, errors[0]?.code, errors[0]?.http2ErrorCode];
}

const calm = Http2ErrorCode.ENHANCE_YOUR_CALM;

describe("a flood ends the connection with ENHANCE_YOUR_CALM", () => {
  it.each<[string, (index: number) => Buffer, number, string]>([
    ["SETTINGS", () => encodeSettingsFrame({ ack: false, settings: [] }), 49, "H2_SETTINGS_FLOOD"],
    ["PING", () => encodePingFrame({ ack: false, opaque: Buffer.alloc(8) }), 100, "H2_PING_FLOOD"],
    [
      "answers to PINGs never sent",
      () => encodePingFrame({ ack: true, opaque: Buffer.alloc(8) }),
      100,
      "H2_PING_FLOOD",
    ],
    ["rapid reset", (i) => Buffer.concat([request(i * 2 + 1), rst(i * 2 + 1)]), 1000, "H2_RESET_FLOOD"],
    [
      "malformed requests, which we have to reset",
      (i) => encodeHeadersFrame({ streamId: i * 2 + 1, fragment: hex("82"), endStream: true, endHeaders: true }),
      1000,
      "H2_RESET_FLOOD",
    ],
    [
      "window updates of zero, which we have to answer by a reset",
      (i) => Buffer.concat([request(i * 2 + 1), encodeFrame(8, 0, i * 2 + 1, Buffer.alloc(4))]),
      1000,
      "H2_RESET_FLOOD",
    ],
    [
      "PRIORITY",
      () => encodePriorityFrame({ streamId: 1, exclusive: false, dependsOn: 0, weight: 1 }),
      10_000,
      "H2_IGNORED_FLOOD",
    ],
    ["unknown frames", () => encodeFrame(0xee, 0, 0, Buffer.alloc(0)), 10_000, "H2_IGNORED_FLOOD"],
    [
      "WINDOW_UPDATE on a closed stream",
      (i) => (i === 0 ? Buffer.concat([request(1), rst(1)]) : encodeWindowUpdateFrame({ streamId: 1, increment: 1 })),
      10_001,
      "H2_IGNORED_FLOOD",
    ],
    [
      "empty DATA",
      (i) => (i === 0 ? request(1, false) : encodeFrame(0, 0, 1, Buffer.alloc(0))),
      101,
      "H2_EMPTY_DATA_FLOOD",
    ],
    [
      "padding alone",
      (i) => (i === 0 ? request(1, false) : encodeFrame(0, 8, 1, hex("0100"))),
      101,
      "H2_EMPTY_DATA_FLOOD",
    ],
  ])("%s", (_, frames, taken, code) => {
    expect(flood(frames)).toEqual([taken, code, calm]);
  });

  it("answers nobody reads", () => {
    const rate = { burst: 1_000_000, perSecond: 0 };
    const [taken, code] = flood(
      () => encodePingFrame({ ack: false, opaque: Buffer.alloc(8) }),
      { pingRate: rate, maxQueuedReplyBytes: 1700 },
      false,
    );
    expect([taken, code]).toEqual([99, "H2_OUTPUT_FLOOD"]); // the acknowledgement of SETTINGS is the hundredth
    expect(
      flood(() => encodePingFrame({ ack: false, opaque: Buffer.alloc(8) }), {
        pingRate: rate,
        maxQueuedReplyBytes: 1700,
      })[1],
    ).toBeUndefined();
  });

  it("but not the same number over a longer time", () => {
    const { server, errors } = serve();
    for (let second = 0; second < 100; second++) {
      for (let i = 0; i < 20; i++)
        server.receive(encodePingFrame({ ack: false, opaque: Buffer.alloc(8) }), second * 1000);
      drain(server);
    }
    expect(errors).toEqual([]);
  });
});

describe("a header block ends the connection", () => {
  const begin = encodeHeadersFrame({ streamId: 1, fragment: hex("828784"), endStream: true, endHeaders: false });
  it("after too many CONTINUATION frames, empty ones too", () => {
    expect(
      flood((i) =>
        i === 0 ? begin : encodeContinuationFrame({ streamId: 1, fragment: Buffer.alloc(0), endHeaders: false }),
      ),
    ).toEqual([17, "H2_CONTINUATION_FLOOD", calm]);
  });
  it("above its size limit, however few frames it takes", () => {
    expect(
      flood((i) =>
        i === 0 ? begin : encodeContinuationFrame({ streamId: 1, fragment: Buffer.alloc(16_000), endHeaders: false }),
      ),
    ).toEqual([3, "H2_HEADER_BLOCK_TOO_LARGE", calm]);
    const whole = encodeHeadersFrame({
      streamId: 1,
      fragment: Buffer.alloc(200, 0x82),
      endStream: true,
      endHeaders: true,
    });
    expect(flood(() => whole, { maxHeaderBlockBytes: 100 })).toEqual([0, "H2_HEADER_BLOCK_TOO_LARGE", calm]);
  });
});

describe("memory", () => {
  it("does not follow an announced length: the frame is refused by its head, a small one held as it comes", () => {
    const { server, errors } = serve();
    server.receive(hex("ffffff 00 00 00000001"), 0);
    expect(errors.map(({ code }) => code)).toEqual(["H2_FRAME_TOO_LARGE"]);
  });

  it("streams above the limit are refused from the first octet on, SETTINGS read or not", () => {
    const { server } = serve({ maxConcurrentStreams: 10 });
    for (let i = 0; i < 500; i++) server.receive(request(i * 2 + 1), 0);
    expect(server.openStreams).toBe(10);
    const refused = framesOf(drain(server)).filter(({ type }) => type === FrameType.RST_STREAM);
    expect(refused.length).toBe(490);
    expect(new Set(refused.map(({ payload }) => payload.readUInt32BE(0)))).toEqual(
      new Set([Http2ErrorCode.REFUSED_STREAM]),
    );
  });

  it("streams far apart do not make the table grow", () => {
    const { server, errors } = serve({ maxConcurrentStreams: 4 });
    for (let i = 0; i < 4; i++) server.receive(request(1 + i * 0x1000_0000), 0);
    expect(server.openStreams).toBe(4);
    for (let i = 0; i < 4; i++) server.receive(rst(1 + i * 0x1000_0000), 0);
    expect(server.openStreams).toBe(0);
    expect(errors).toEqual([]);
  });
});

describe("responses to a client that reads nothing", () => {
  const answer = Buffer.alloc(1_000_000, "x");
  const openWindows = Buffer.concat([
    hello,
    encodeSettingsFrame({ ack: false, settings: [[SettingId.INITIAL_WINDOW_SIZE, 0x7fff_ffff]] }),
    encodeWindowUpdateFrame({ streamId: 0, increment: 0x7fff_0000 }),
  ]);
  const streamIds = Array.from({ length: 900 }, (_, index) => index * 2 + 1);

  function answering(greeting: Buffer): { server: ServerConnection; answered: number[]; reset: Http2Error[] } {
    const answered: number[] = [];
    const reset: Http2Error[] = [];
    const server = new ServerConnection(
      {},
      {
        onRequest(streamId) {
          answered.push(streamId);
          server.respondFields(streamId, [[":status", "200"]], answer);
        },
        onStreamReset: (_, error) => reset.push(error),
      },
    );
    drain(server);
    server.receive(greeting, 0);
    return { server, answered, reset };
  }

  it("are bounded: requests are withheld until it reads, and then answered in order", () => {
    const { server, answered, reset } = answering(openWindows);
    for (const streamId of streamIds) server.receive(request(streamId), 0);
    expect(answered).toEqual([1, 3, 5, 7, 9]);
    expect(server.isFull).toBe(true);
    expect(server.queuedBytes).toBeLessThan(5_010_000);
    let most = 0;
    while (server.hasOutput) {
      most = Math.max(most, server.queuedBytes);
      server.takeOutput();
      server.outputWritten();
    }
    expect(answered).toEqual(streamIds);
    expect(most).toBeLessThan(6_010_000);
    expect([server.isFull, server.openStreams, reset]).toEqual([false, 0, []]);
  });

  it("count while they are being written, and while they wait for window", () => {
    const written = answering(openWindows);
    for (const streamId of streamIds) {
      written.server.receive(request(streamId), 0);
      // Taken, and never reported as written.
      while (written.server.takeOutput() !== undefined);
    }
    expect(written.answered).toHaveLength(5);
    const waiting = answering(hello);
    for (const streamId of streamIds) waiting.server.receive(request(streamId), 0);
    expect(waiting.answered).toHaveLength(5);
    // The client resets answers that wait for window: at 2 MB there is room for others.
    for (const streamId of [1, 3, 5]) waiting.server.receive(rst(streamId), 0);
    expect(waiting.answered).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
  });

  it("a request that its client resets while it is withheld is never handed over", () => {
    const { server, answered } = answering(openWindows);
    for (const streamId of streamIds.slice(0, 8)) server.receive(request(streamId), 0);
    server.receive(rst(13), 0);
    while (server.hasOutput) {
      server.takeOutput();
      server.outputWritten();
    }
    expect(answered).toEqual([1, 3, 5, 7, 9, 11, 15]);
  });

  it("given later than in onRequest are bounded as well: beyond the limit the stream is reset", () => {
    const reset: string[] = [];
    const rooms: boolean[] = [];
    const server = new ServerConnection(
      {},
      {
        onRequest() {},
        onStreamReset: (streamId, { code }) => reset.push(`${streamId} ${code}`),
        onRoom: () => rooms.push(server.isFull),
      },
    );
    drain(server);
    server.receive(openWindows, 0);
    for (const streamId of streamIds) server.receive(request(streamId), 0);
    const taken = streamIds.filter((streamId) => server.respondFields(streamId, [[":status", "200"]], answer));
    expect(taken).toEqual(streamIds.slice(0, 17));
    expect(reset).toHaveLength(883);
    expect(reset[0]).toBe("35 H2_OUTPUT_FULL");
    expect(server.inform(1, [[":status", "103"]])).toBe(false);
    expect(server.queuedBytes).toBeLessThan(17_100_000);
    drain(server);
    expect(rooms).toEqual([false]);
  });

  it("a handler that throws when a withheld request is handed over closes the connection", () => {
    let calls = 0;
    const server = new ServerConnection(
      {},
      {
        onRequest(streamId) {
          if (++calls > 5) throw new Error("no");
          server.respondFields(streamId, [[":status", "200"]], answer);
        },
      },
    );
    drain(server);
    server.receive(openWindows, 0);
    for (const streamId of streamIds.slice(0, 8)) server.receive(request(streamId), 0);
    expect(() => drain(server)).toThrow("no");
    expect(server.isClosed).toBe(true);
  });
});

describe("bodies of requests", () => {
  it("of all streams together are bounded: what exceeds the memory is refused, and taken again later", () => {
    const bodies: number[] = [];
    const ignoredRate = { burst: 100_000, perSecond: 0 };
    const server = new ServerConnection(
      { maxBodyBytes: 1_048_576, initialWindowBytes: 1_048_576, connectionWindowBytes: 0x7fff_ffff, ignoredRate },
      { onRequest: (_, __, body) => bodies.push(body.length) },
    );
    drain(server);
    server.receive(hello, 0);
    server.receive(encodeSettingsFrame({ ack: true, settings: [] }), 0);
    const part = encodeFrame(FrameType.DATA, 0, 0, Buffer.alloc(16_384));
    const send = (streamId: number, parts: number): void => {
      part.writeUInt32BE(streamId, 5);
      for (let index = 0; index < parts; index++) server.receive(part, 0);
    };
    // 1000 clients' bodies of 1 MiB, less their last frame.
    for (let index = 0; index < 1000; index++) {
      server.receive(request(index * 2 + 1, false), 0);
      send(index * 2 + 1, 63);
    }
    const refused = framesOf(drain(server)).filter(({ type }) => type === FrameType.RST_STREAM);
    expect(refused).toHaveLength(984);
    expect(new Set(refused.map(({ payload }) => payload.readUInt32BE(0)))).toEqual(
      new Set([Http2ErrorCode.REFUSED_STREAM]),
    );
    expect(server.openStreams).toBe(16);
    for (let index = 0; index < 16; index++) {
      server.receive(encodeFrame(FrameType.DATA, 1, index * 2 + 1, Buffer.alloc(16_384)), 0);
    }
    expect(bodies).toEqual(Array.from({ length: 16 }, () => 1_048_576));
    server.receive(request(2001, false), 0);
    send(2001, 63);
    server.receive(encodeFrame(FrameType.DATA, 1, 2001, Buffer.alloc(16_384)), 0);
    expect(bodies).toHaveLength(17);
  });
});

describe("whatever octets come", () => {
  function feed(machine: Connection, chunks: Uint8Array[]): void {
    for (const chunk of chunks) {
      machine.receive(chunk, 0);
      drain(machine);
    }
    expect(machine.queuedBytes).toBe(0);
    expect(machine.openStreams).toBeLessThanOrEqual(1000);
  }
  const errorsOnly = (error: Http2Error): void => {
    expect(error).toBeInstanceOf(Http2Error);
    expect(error.scope).toBe("connection");
  };
  const frame = fc
    .tuple(
      fc.integer({ min: 0, max: 11 }),
      fc.oneof(fc.constantFrom(0, 1, 4, 5, 8), fc.integer({ min: 0, max: 255 })),
      fc.integer({ min: 0, max: 9 }),
      fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constant(Uint8Array.from(hex("828784410161")))),
    )
    .map(([type, flags, streamId, payload]) => encodeFrame(type, flags, streamId, payload));

  it("a server reports declared errors and nothing else", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), fc.boolean(), (frames, answers) => {
        const server: ServerConnection = new ServerConnection(
          {},
          {
            onRequest: (streamId, headers, body) => {
              headers.toArray();
              if (answers) server.respondFields(streamId, [[":status", "200"]], body);
            },
            onStreamReset: (_, error) => expect(error).toBeInstanceOf(Http2Error),
            onConnectionError: errorsOnly,
          },
        );
        feed(server, [hello, ...frames]);
      }),
      { numRuns: 1500 },
    );
  });

  it("a client settles every request exactly once", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), (frames) => {
        const settled: number[] = [];
        const client: ClientConnection<number> = new ClientConnection<number>(
          {},
          {
            onResponse: (context, _, headers) => {
              headers.toArray();
              settled.push(context);
            },
            onRequestFailed: (context) => settled.push(context),
            onConnectionError: errorsOnly,
          },
        );
        const template = postTemplate(client as ClientConnection);
        for (let i = 0; i < 4; i++) client.request(template, "a", undefined, Buffer.alloc(i), i);
        feed(client, [encodeSettingsFrame({ ack: false, settings: [] }), ...frames]);
        client.connectionLost();
        expect(settled.sort()).toEqual([0, 1, 2, 3]);
      }),
      { numRuns: 1500 },
    );
  });

  it("mutated conversations end in order or in a declared error", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }), fc.nat(400), (mutations, cut) => {
        const source = new ClientConnection({}, { onResponse() {}, onRequestFailed() {} });
        const template = postTemplate(source);
        for (let i = 0; i < 3; i++) source.request(template, "abc", "id", Buffer.from("payload"), i);
        const octets = drain(source);
        for (const [at, value] of mutations) octets[at % octets.length] = value;
        const { server } = { server: new ServerConnection({}, { onRequest() {}, onConnectionError: errorsOnly }) };
        feed(server, [octets.subarray(0, cut), octets.subarray(cut)]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a server that sends more than its budget", () => {
  const settingsFrame = encodeSettingsFrame({ ack: false, settings: [] });
  const ping = encodePingFrame({ ack: false, opaque: Buffer.alloc(8) });
  const emptyData = (streamId: number) => encodeFrame(FrameType.DATA, 0, streamId, Buffer.alloc(0));
  const unknown = encodeFrame(0xee, 0, 0, Buffer.alloc(0));
  const malformed = (streamId: number) =>
    encodeHeadersFrame({ streamId, fragment: hex("82"), endStream: true, endHeaders: true });
  const ok = (streamId: number, endStream = true) =>
    encodeHeadersFrame({ streamId, fragment: hex("88"), endStream, endHeaders: true });

  function connect() {
    const heard: string[] = [];
    const client = new ClientConnection<number>(
      {},
      {
        onResponse: (context, httpStatus) => heard.push(`${context}: ${httpStatus}`),
        onRequestFailed: (context, { error, processed }) => heard.push(`${context}: ${error.code} ${processed}`),
        onFlood: ({ code }) => heard.push(`flood ${code}`),
        onConnectionError: ({ code }) => heard.push(`error ${code}`),
        onDrained: () => heard.push("drained"),
      },
    );
    client.receive(encodeSettingsFrame({ ack: false, settings: [[3, 1000]] }), 0);
    const template = postTemplate(client);
    const ask = (context: number) => client.request(template, "a", undefined, Buffer.of(), context);
    return { client, heard, ask };
  }

  /** As many frames as fit before the client says something about it. */
  function sendUntilHeard({ client, heard }: ReturnType<typeof connect>, frame: Buffer): number {
    const before = heard.length;
    let count = 0;
    while (heard.length === before && count < 200_000) {
      client.receive(frame, 0);
      drain(client);
      count++;
    }
    return count;
  }

  it.each<[string, Buffer, string, number, number]>([
    ["SETTINGS", settingsFrame, "H2_SETTINGS_FLOOD", 50, 565],
    ["PING", ping, "H2_PING_FLOOD", 101, 1065],
    ["unknown frames", unknown, "H2_IGNORED_FLOOD", 10_001, 100_129],
    ["empty DATA", emptyData(1), "H2_EMPTY_DATA_FLOOD", 101, 1065],
  ])("%s: loses new requests first, the connection only if it goes on", (_, frame, code, first, second) => {
    const peer = connect();
    const { client, heard, ask } = peer;
    ask(1);
    ask(2);
    client.receive(ok(1, false), 0);
    expect(sendUntilHeard(peer, frame)).toBe(first);
    expect(heard).toEqual([`flood ${code}`]);
    expect([ask(3), client.isClosed, client.openStreams]).toEqual([0, false, 2]);
    client.receive(ok(3), 0);
    expect(heard).toEqual([`flood ${code}`, "2: 200"]);
    expect(sendUntilHeard(peer, frame)).toBe(second);
    expect(heard.slice(2)).toEqual([`1: ${code} unknown`, `error ${code}`]);
  });

  it("malformed responses: the others are awaited", () => {
    const { client, heard, ask } = connect();
    for (let context = 0; context < 1000; context++) ask(context);
    for (let context = 0; context < 999; context++) client.receive(malformed(context * 2 + 1), 0);
    ask(1000);
    ask(1001);
    for (const context of [999, 1000]) client.receive(malformed(context * 2 + 1), 0);
    expect(heard.slice(-3)).toEqual([
      "999: H2_MALFORMED_MESSAGE unknown",
      "1000: H2_MALFORMED_MESSAGE unknown",
      "flood H2_RESET_FLOOD",
    ]);
    client.receive(ok(1001 * 2 + 1), 0);
    expect(heard.slice(-2)).toEqual(["1001: 200", "drained"]);
  });

  it.each<[string, (streamId: number) => Buffer[]]>([
    ["four SETTINGS", () => Array(4).fill(settingsFrame)],
    ["four PING", () => Array(4).fill(ping)],
    ["eight unknown frames", () => Array(8).fill(unknown)],
  ])("%s for each response are no flood", (_, frames) => {
    const { client, heard, ask } = connect();
    for (let index = 0; index < 20_000; index++) {
      const streamId = ask(index);
      client.receive(Buffer.concat([...frames(streamId), ok(streamId)]), 0);
      drain(client);
    }
    expect(heard).toHaveLength(20_000);
    expect(heard.at(-1)).toBe("19999: 200");
  });

  it("empty DATA inside each response is no flood", () => {
    const { client, heard, ask } = connect();
    for (let index = 0; index < 20_000; index++) {
      const streamId = ask(index);
      const end = encodeFrame(FrameType.DATA, 1, streamId, Buffer.alloc(0));
      client.receive(Buffer.concat([ok(streamId, false), ...Array(4).fill(emptyData(streamId)), end]), 0);
      drain(client);
    }
    expect(heard).toHaveLength(20_000);
    expect(heard.at(-1)).toBe("19999: 200");
  });
});
