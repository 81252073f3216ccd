// Two machines joined in memory.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ClientConnection,
  encodeFrame,
  encodeGoAwayFrame,
  encodeRstStreamFrame,
  FrameFlag,
  FrameType,
  Http2ErrorCode,
  type RequestTemplate,
  SettingId,
} from "../src/index.ts";
import { carry, drain, framesOf, okTemplate, Pair, postTemplate, requestFields } from "./support/joined.ts";

const token = "0123456789abcdef".repeat(4);
const payload = Buffer.from('{"aps":{"alert":"hello"}}');

function answering(pair: Pair): Pair {
  const ok = okTemplate(pair.server);
  pair.onRequest = ({ streamId, headers }) => pair.server.respond(streamId, ok, headers["apns-id"]);
  return pair;
}

describe("a request and its response", () => {
  it("arrive whole, field by field", () => {
    const pair = answering(new Pair());
    expect(pair.client.request(postTemplate(pair.client), token, "id-1", payload, "context")).toBe(1);
    pair.settle();
    expect(pair.requests).toEqual([
      {
        streamId: 1,
        headers: {
          ...Object.fromEntries(requestFields.map(({ name, value }) => [name, value])),
          ":path": `/3/device/${token}`,
          "apns-id": "id-1",
        },
        body: payload.toString(),
      },
    ]);
    expect(pair.responses).toEqual([
      { context: "context", httpStatus: 200, headers: { ":status": "200", "apns-id": "id-1" }, body: "" },
    ]);
    expect(pair.client.openStreams + pair.server.openStreams).toBe(0);
  });

  it("carry a body back, and fields without a template", () => {
    const pair = new Pair();
    const body = Buffer.from('{"reason":"BadDeviceToken"}');
    pair.onRequest = ({ streamId }) =>
      pair.server.respondFields(
        streamId,
        [
          [":status", "400"],
          ["apns-id", "x"],
          ["long", "y".repeat(300)],
        ],
        body,
      );
    pair.client.request(postTemplate(pair.client), token, undefined, payload, 1);
    pair.settle();
    expect(pair.responses).toEqual([
      {
        context: 1,
        httpStatus: 400,
        headers: { ":status": "400", "apns-id": "x", long: "y".repeat(300) },
        body: body.toString(),
      },
    ]);
  });

  it("may have no body at all", () => {
    const pair = answering(new Pair());
    pair.client.request(postTemplate(pair.client), "", undefined, Buffer.alloc(0), 1);
    pair.settle();
    expect(pair.requests[0]!.body).toBe("");
    expect(pair.responses.length).toBe(1);
  });

  it("arrive the same, cut anywhere", () => {
    const pair = answering(new Pair());
    const input = (() => {
      pair.client.request(postTemplate(pair.client), token, "id", payload, 1);
      return drain(pair.client);
    })();
    for (let at = 1; at < input.length; at += 3) {
      const other = answering(new Pair());
      other.server.receive(input.subarray(0, at), 0);
      other.server.receive(input.subarray(at), 0);
      expect(other.requests.length).toBe(1);
      expect(other.requests[0]!.body).toBe(payload.toString());
    }
  });

  it("take one octet for each constant field once the table knows them", () => {
    const pair = answering(new Pair());
    const template = postTemplate(pair.client);
    const blockBytes = (): number => {
      pair.client.request(template, token, undefined, payload, 1);
      const frame = framesOf(drainTo(pair)).find(({ type }) => type === 1)!;
      return frame.payload.length;
    };
    const drainTo = (to: Pair): Buffer => {
      const output = drain(to.client);
      to.server.receive(output, 0);
      carry(to.server, to.client);
      return to.server.isClosed ? Buffer.alloc(0) : stripPreface(output);
    };
    const stripPreface = (output: Buffer): Buffer =>
      output.subarray(0, 3).toString() === "PRI" ? output.subarray(24) : output;
    const first = blockBytes();
    const second = blockBytes();
    expect(blockBytes()).toBe(second);
    expect(first).toBeGreaterThan(200);
    expect(second).toBe(requestFields.length + 2 + "/3/device/".length + token.length);
  });
});

describe("the header table", () => {
  it.each([0, 100, 300, 4096, 65_536])("stays right when the peer changes it to %i octets in mid-flight", (bytes) => {
    const pair = answering(new Pair());
    const templates = ["a", "b", "c"].map((topic) =>
      pair.client.createTemplate({
        fields: [...requestFields.slice(0, 4), { name: "apns-topic", value: topic.repeat(30) }],
        pathPrefix: "/3/device/",
      }),
    );
    const send = (template: RequestTemplate): unknown => pair.client.request(template, token, undefined, payload, 1);
    for (let round = 0; round < 30; round++) {
      for (const template of templates) send(template);
      if (round === 10) pair.server.updateSettings([[SettingId.HEADER_TABLE_SIZE, bytes]], 0);
      if (round === 20)
        pair.server.updateSettings(
          [
            [SettingId.HEADER_TABLE_SIZE, 0],
            [SettingId.HEADER_TABLE_SIZE, 4096],
          ],
          0,
        );
      pair.settle();
    }
    expect(pair.serverErrors).toEqual([]);
    expect(pair.responses.length).toBe(90);
    expect(pair.requests.map(({ headers }) => headers["apns-topic"]![0]).join("")).toBe("abc".repeat(30));
  });
});

describe("misuse", () => {
  it.each<[string, (pair: Pair) => unknown]>([
    ["a path with a blank", ({ client }) => client.request(postTemplate(client), "a b", undefined, payload, 1)],
    ["a path with a line feed", ({ client }) => client.request(postTemplate(client), "a\nb", undefined, payload, 1)],
    ["a path beyond ASCII", ({ client }) => client.request(postTemplate(client), "a\u0141", undefined, payload, 1)],
    ["a variable beyond ASCII", ({ client }) => client.request(postTemplate(client), "a", "\u00e9", payload, 1)],
    [
      "a path of 20,000 octets",
      ({ client }) => client.request(postTemplate(client), "a".repeat(20_000), undefined, payload, 1),
    ],
    [
      "a variable the template does not have",
      ({ client }) =>
        client.request(client.createTemplate({ fields: requestFields, pathPrefix: "/" }), "a", "b", payload, 1),
    ],
    [
      "an upper-case name",
      ({ client }) =>
        client.createTemplate({ fields: [...requestFields, { name: "Apns-Id", value: "" }], pathPrefix: "/" }),
    ],
    [
      "a line feed in a value",
      ({ client }) =>
        client.createTemplate({ fields: [...requestFields, { name: "a", value: "b\nc" }], pathPrefix: "/" }),
    ],
    ["a request without :path", ({ client }) => client.createTemplate({ fields: requestFields })],
    [
      "a template of another connection",
      ({ client }) => client.request(postTemplate(new Pair().client), "a", undefined, payload, 1),
    ],
    ["a response without :status", ({ server }) => server.createTemplate({ fields: [] })],
    ["a frame size out of range", () => new Pair({ maxFrameBytes: 1 })],
  ])("%s is thrown at once and changes nothing", (_, act) => {
    const pair = answering(new Pair());
    expect(() => act(pair)).toThrow(expect.objectContaining({ code: "H2_USAGE", scope: "usage", initiator: "local" }));
    expect(pair.client.openStreams).toBe(0);
    expect(pair.client.request(postTemplate(pair.client), token, "id", payload, 1)).toBe(1);
    pair.settle();
    expect(pair.responses.length).toBe(1);
  });

  it("answering twice is thrown, answering a stream that is gone is not", () => {
    const pair = new Pair();
    const ok = okTemplate(pair.server);
    pair.client.request(postTemplate(pair.client), token, undefined, Buffer.alloc(100_000), 1);
    pair.client.request(postTemplate(pair.client), token, undefined, payload, 1);
    carry(pair.client, pair.server);
    expect(pair.server.respond(1, ok)).toBe(true);
    expect(() => pair.server.respond(1, ok)).toThrow(expect.objectContaining({ code: "H2_USAGE" }));
    expect(pair.server.respond(99, ok)).toBe(false);
  });
});

describe("flow control", () => {
  it("carries bodies larger than every window", () => {
    const pair = new Pair({ maxBodyBytes: 1_000_000 }, { maxBodyBytes: 1_000_000 });
    const body = Buffer.from("0123456789".repeat(30_000));
    pair.onRequest = (request) =>
      pair.server.respondFields(request.streamId, [[":status", "200"]], Buffer.from(request.body, "latin1"));
    pair.client.request(postTemplate(pair.client), token, undefined, body, 1);
    pair.settle();
    expect(pair.requests[0]!.body).toBe(body.toString());
    expect(pair.responses[0]!.body).toBe(body.toString());
  });

  it("takes no request while a body waits for connection window, and says when it does again", () => {
    const pair = answering(
      new Pair({}, { connectionWindowBytes: 65_535, initialWindowBytes: 1_000_000, maxBodyBytes: 1_000_000 }),
    );
    pair.settle();
    const template = postTemplate(pair.client);
    expect(pair.client.request(template, token, undefined, Buffer.alloc(65_000), 1)).toBe(1);
    expect(pair.client.request(template, token, undefined, Buffer.alloc(600), 2)).toBe(3);
    const sent = drain(pair.client);
    const data = framesOf(sent).filter(({ type }) => type === FrameType.DATA);
    expect(data.reduce((sum, frame) => sum + frame.payload.length, 0)).toBe(65_535);
    expect(data.at(-1)).toMatchObject({ streamId: 3, payload: { length: 535 } });
    expect(pair.client.availableStreams).toBe(0);
    expect(pair.client.request(template, token, undefined, payload, 3)).toBe(0);
    pair.log = [];
    pair.server.receive(sent, 0);
    pair.settle();
    expect(pair.log).toContain("capacity");
    expect(pair.responses.map(({ context }) => context)).toEqual([1, 2]);
    expect(pair.requests.map(({ body }) => body.length)).toEqual([65_000, 600]);
    expect(pair.client.request(template, token, undefined, payload, 3)).toBe(5);
  });

  it("lets a smaller INITIAL_WINDOW_SIZE make windows negative, and recovers (RFC 9113 section 6.9.2)", () => {
    const pair = answering(new Pair({}, { initialWindowBytes: 1000, maxBodyBytes: 100_000 }));
    pair.settle();
    const body = Buffer.from("x".repeat(5000));
    pair.client.request(postTemplate(pair.client), token, undefined, body, 1);
    const sent = drain(pair.client); // 1000 octets of DATA, which the server has not seen
    pair.server.updateSettings([[SettingId.INITIAL_WINDOW_SIZE, 100]], 0);
    carry(pair.server, pair.client); // window: 0 - 900
    expect(pair.client.remoteSettings.initialWindowSize).toBe(100);
    pair.server.receive(sent, 0);
    pair.settle();
    expect(pair.serverErrors).toEqual([]);
    expect(pair.requests[0]!.body).toBe(body.toString());
    expect(pair.responses.length).toBe(1);
  });

  it("ends the connection of a peer that overruns the connection window, and the stream of one that overruns only that", () => {
    const over = new Pair({}, { initialWindowBytes: 100_000, connectionWindowBytes: 65_535 });
    over.client.request(postTemplate(over.client), token, undefined, Buffer.alloc(1), 1);
    over.settle();
    const overrun = (pair: Pair, bytes: number): void => {
      for (let left = bytes; left > 0; left -= 16_384)
        pair.client.writeFrame(0, 0, 3, Buffer.alloc(Math.min(16_384, left)));
    };
    const open = (pair: Pair): void => {
      pair.settle();
      pair.client.request(postTemplate(pair.client), token, undefined, Buffer.alloc(0), 1);
      drain(pair.client);
      pair.server.receive(Buffer.alloc(0), 0);
    };
    open(over);
    const small = new Pair({}, { initialWindowBytes: 100 });
    small.settle();
    // HEADERS without END_STREAM by hand: the machine itself would not overrun.
    const block = Buffer.concat([Buffer.from([0x83, 0x87, 0x84]), Buffer.from("410161", "hex")]);
    small.client.writeFrame(1, 4, 1, block);
    small.client.writeFrame(0, 0, 1, Buffer.alloc(101));
    carry(small.client, small.server);
    expect(small.serverErrors).toEqual([]);
    expect(small.resets.map(({ error }) => [error.code, error.http2ErrorCode, error.scope])).toEqual([
      ["H2_WINDOW_EXCEEDED", Http2ErrorCode.FLOW_CONTROL_ERROR, "stream"],
    ]);
    // Half a window is granted again as it is used, so an overrun takes one frame larger than all of it.
    const huge = new Pair(
      {},
      { initialWindowBytes: 1_000_000, connectionWindowBytes: 65_535, maxFrameBytes: 100_000, maxBodyBytes: 1_000_000 },
    );
    huge.settle();
    huge.client.writeFrame(1, 4, 1, block);
    huge.client.writeFrame(0, 0, 1, Buffer.alloc(65_536));
    carry(huge.client, huge.server);
    expect(huge.serverErrors.map(({ code, http2ErrorCode }) => [code, http2ErrorCode])).toEqual([
      ["H2_WINDOW_EXCEEDED", Http2ErrorCode.FLOW_CONTROL_ERROR],
    ]);
    overrun(over, 0);
  });

  it("delivers every body under any windows", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 5 }),
        (initialWindowBytes, sizes, changes) => {
          const pair = answering(
            new Pair({ maxConcurrentStreams: 3 }, { initialWindowBytes: initialWindowBytes || 1 }),
          );
          const template = postTemplate(pair.client);
          pair.settle();
          const waiting = [...sizes];
          for (let step = 0; waiting.length > 0 || pair.client.openStreams > 0; step++) {
            while (
              waiting.length > 0 &&
              pair.client.request(template, token, undefined, Buffer.alloc(waiting[0]!, 0x61), 1) !== 0
            )
              waiting.shift();
            carry(pair.client, pair.server);
            const change = changes[step];
            if (change !== undefined) pair.server.updateSettings([[SettingId.INITIAL_WINDOW_SIZE, change]], 0);
            carry(pair.server, pair.client);
            if (step > 30_000) throw new Error("stalled");
          }
          expect(pair.requests.map(({ body }) => body.length).sort()).toEqual([...sizes].sort());
          expect(pair.serverErrors.concat(pair.clientErrors)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("limits on streams", () => {
  it("follow the peer's SETTINGS, down and up, also in mid-flight", () => {
    const pair = new Pair({ maxStreamsBeforeSettings: 2 }, { maxConcurrentStreams: 5 });
    const template = postTemplate(pair.client);
    const fill = (): number => {
      let taken = 0;
      while (pair.client.request(template, token, undefined, payload, taken) !== 0) taken++;
      return taken;
    };
    expect(pair.client.availableStreams).toBe(2);
    expect(fill()).toBe(2);
    pair.settle();
    expect(fill()).toBe(3);
    pair.server.updateSettings([[SettingId.MAX_CONCURRENT_STREAMS, 1]], 0);
    pair.settle();
    expect(pair.client.availableStreams).toBe(0);
    expect(pair.server.openStreams).toBe(5);
    const ok = okTemplate(pair.server);
    for (const { streamId } of pair.requests) pair.server.respond(streamId, ok);
    pair.settle();
    expect(pair.client.availableStreams).toBe(1);
    pair.server.updateSettings([[SettingId.MAX_CONCURRENT_STREAMS, 1000]], 0);
    pair.settle();
    expect(pair.client.availableStreams).toBe(1000);
  });

  it("hold thousands of streams, the first of them open all the while", () => {
    const pair = new Pair({}, { maxConcurrentStreams: 2000 });
    const ok = okTemplate(pair.server);
    pair.onRequest = ({ streamId }) => streamId > 1 && pair.server.respond(streamId, ok);
    const template = postTemplate(pair.client);
    for (let i = 0; i < 5000; i++) {
      expect(pair.client.request(template, token, undefined, payload, i)).toBe(i * 2 + 1);
      if (i % 90 === 0) pair.settle();
    }
    pair.settle();
    expect(pair.client.openStreams).toBe(1);
    pair.server.respond(1, ok);
    pair.settle();
    expect(pair.responses.map(({ context }) => context)).toEqual([...Array.from({ length: 4999 }, (_, i) => i + 1), 0]);
  });
});

describe("a server that resets each stream behind its complete response, as nginx does (RFC 9113 section 8.1)", () => {
  const reset = (streamId: number): Buffer =>
    encodeRstStreamFrame({ streamId, http2ErrorCode: Http2ErrorCode.NO_ERROR });

  it("is no flood, however many streams there are", () => {
    const pair = new Pair();
    const ok = okTemplate(pair.server);
    pair.onRequest = ({ streamId }) => {
      pair.server.respond(streamId, ok);
      pair.server.writeRaw(reset(streamId));
    };
    pair.settle();
    const template = postTemplate(pair.client);
    for (let i = 0; i < 25_000; i++) {
      pair.client.request(template, token, undefined, payload, i);
      pair.settle();
    }
    expect(pair.clientErrors).toEqual([]);
    expect(pair.responses).toHaveLength(25_000);
  });

  it("is one if it does so over and over", () => {
    const pair = answering(new Pair());
    pair.client.request(postTemplate(pair.client), token, undefined, payload, 1);
    pair.settle();
    for (let i = 0; i < 200_000 && !pair.client.isClosed; i++) pair.client.receive(reset(1), 0);
    expect(pair.clientErrors.map(({ code }) => code)).toEqual(["H2_IGNORED_FLOOD"]);
  });
});

describe("what is known of a request that gets no answer", () => {
  const facts = (pair: Pair): unknown[] =>
    pair.failures.map(({ context, failure }) => [
      context,
      failure.error.code,
      failure.initiator,
      failure.written,
      failure.processed,
    ]);
  function opened(): Pair {
    const pair = new Pair();
    pair.settle();
    const template = postTemplate(pair.client);
    for (const context of ["a", "b"]) pair.client.request(template, token, undefined, payload, context);
    carry(pair.client, pair.server);
    pair.client.request(template, token, undefined, payload, "unsent");
    return pair;
  }

  it("the transport is lost", () => {
    const pair = opened();
    pair.client.connectionLost(new Error("ECONNRESET"));
    expect(facts(pair).sort()).toEqual([
      ["a", "H2_CONNECTION_LOST", "remote", true, "unknown"],
      ["b", "H2_CONNECTION_LOST", "remote", true, "unknown"],
      ["unsent", "H2_CONNECTION_LOST", "remote", false, "no"],
    ]);
    expect(pair.clientErrors).toEqual([]);
    expect(pair.client.request(postTemplate(pair.client), token, undefined, payload, 1)).toBe(0);
  });

  it("GOAWAY, with debug data, names a stream in between", () => {
    const pair = opened();
    pair.server.goAway(Http2ErrorCode.NO_ERROR, Buffer.from('{"reason":"Shutdown"}'), 1);
    carry(pair.server, pair.client);
    expect(pair.goAways).toMatchObject([{ lastStreamId: 1, http2ErrorCode: 0, debugData: '{"reason":"Shutdown"}' }]);
    expect(facts(pair).sort()).toEqual([
      ["b", "H2_GOAWAY", "remote", true, "no"],
      ["unsent", "H2_GOAWAY", "remote", false, "no"],
    ]);
    expect(pair.client.availableStreams).toBe(0);
    expect(pair.client.request(postTemplate(pair.client), token, undefined, payload, "late")).toBe(0);
    pair.server.respond(1, okTemplate(pair.server));
    pair.settle();
    expect(pair.responses.map(({ context }) => context)).toEqual(["a"]);
    expect(pair.log).toContain("client drained");
  });

  it.each([
    [Http2ErrorCode.REFUSED_STREAM, "no"],
    [Http2ErrorCode.INTERNAL_ERROR, "unknown"],
    [0x1234_5678, "unknown"],
  ])("RST_STREAM with 0x%s: processed %s", (code, processed) => {
    const pair = opened();
    pair.server.resetStream(3, code);
    carry(pair.server, pair.client);
    expect(facts(pair)).toEqual([["b", "H2_RESET_BY_PEER", "remote", true, processed]]);
    expect(pair.failures[0]!.failure.http2ErrorCode).toBe(code);
  });

  it("it was given up here; a late answer is no violation", () => {
    const pair = opened();
    const ok = okTemplate(pair.server);
    expect(pair.client.resetStream(1)).toBe(true);
    expect(pair.client.resetStream(1)).toBe(false);
    expect(facts(pair)).toEqual([["a", "H2_CANCELLED", "local", true, "unknown"]]);
    pair.server.respond(1, ok);
    pair.server.respond(3, ok);
    pair.settle();
    expect(pair.clientErrors).toEqual([]);
    expect(pair.responses.map(({ context }) => context)).toEqual(["b"]);
  });

  it("it was given up here before it left: it leaves all the same, so nothing is certain", () => {
    const pair = opened();
    expect(pair.client.resetStream(5)).toBe(true);
    expect(facts(pair)).toEqual([["unsent", "H2_CANCELLED", "local", false, "unknown"]]);
    expect(framesOf(drain(pair.client)).map(({ type, streamId }) => [type, streamId])).toEqual([
      [FrameType.HEADERS, 5],
      [FrameType.DATA, 5],
      [FrameType.RST_STREAM, 5],
    ]);
  });

  it("the connection fails before it left: it is certainly not processed, so it never leaves", () => {
    const pair = opened();
    pair.client.receive(Buffer.from("000000060000000000", "hex"), 0);
    expect(facts(pair).sort()).toEqual([
      ["a", "H2_FRAME_SIZE", "remote", true, "unknown"],
      ["b", "H2_FRAME_SIZE", "remote", true, "unknown"],
      ["unsent", "H2_FRAME_SIZE", "remote", false, "no"],
    ]);
    expect(framesOf(drain(pair.client)).map(({ type }) => type)).toEqual([FrameType.GOAWAY]);
  });

  it("the connection fails: GOAWAY is queued before anything is reported", () => {
    const pair = opened();
    drain(pair.client);
    pair.client.receive(Buffer.from("000000060000000000", "hex"), 0);
    expect(pair.clientErrors.map(({ code }) => code)).toEqual(["H2_FRAME_SIZE"]);
    expect(facts(pair).map((fact) => (fact as unknown[])[1])).toEqual([
      "H2_FRAME_SIZE",
      "H2_FRAME_SIZE",
      "H2_FRAME_SIZE",
    ]);
    expect(framesOf(drain(pair.client)).map(({ type, payload: { length } }) => [type, length > 8])).toEqual([
      [7, true],
    ]);
  });

  it.each(["stream", "connection"])(
    "a handler throws the %s error it was given: it comes out, it is not taken for another fault",
    (scope) => {
      const client: ClientConnection = new ClientConnection(
        {},
        {
          onResponse() {},
          onRequestFailed: (_, failure) => {
            throw failure.error;
          },
        },
      );
      client.request(postTemplate(client), token, undefined, payload, 1);
      client.receive(Buffer.from("000000040000000000", "hex"), 0);
      const input = scope === "stream" ? "00000403000000000100000008" : "000000060000000000";
      expect(() => client.receive(Buffer.from(input, "hex"), 0)).toThrow(expect.objectContaining({ scope }));
      expect(client.isClosed).toBe(true);
      expect(client.openStreams).toBe(0);
    },
  );

  it("a handler throws an error that another connection gave it: no fault of this one's peer", () => {
    const other = new Pair();
    other.client.receive(Buffer.from("000000060000000000", "hex"), 0);
    const error = other.clientErrors[0]!;
    const pair = new Pair();
    pair.client.request(postTemplate(pair.client), token, undefined, payload, 1);
    pair.onRequest = () => {
      throw error;
    };
    expect(() => carry(pair.client, pair.server)).toThrow(error);
    expect(pair.serverErrors.map(({ code, cause }) => [code, cause])).toEqual([["H2_HANDLER", error]]);
  });

  it("a handler throws: the exception comes out, the connection is over", () => {
    const pair = answering(new Pair());
    pair.client.request(postTemplate(pair.client), token, undefined, payload, 1);
    pair.onRequest = () => {
      throw new Error("mine");
    };
    expect(() => carry(pair.client, pair.server)).toThrow("mine");
    expect(pair.server.isClosed).toBe(true);
    expect(pair.serverErrors.map(({ code, initiator }) => [code, initiator])).toEqual([["H2_HANDLER", "local"]]);
  });
});

describe("an answer whose end does not come", () => {
  /** An open request, and the beginning of its answer received. */
  function begun(body = '{"rea'): { pair: Pair; streamId: number } {
    const pair = new Pair();
    const streamId = pair.client.request(postTemplate(pair.client), token, undefined, payload, "context");
    expect(pair.client.responseSoFar(streamId)).toBeUndefined();
    pair.settle();
    // :status 400, a literal without indexing, and a content-length of 9
    const block = Buffer.from("\x08\x03400\x0f\x0d\x019", "latin1");
    pair.client.receive(encodeFrame(FrameType.HEADERS, FrameFlag.END_HEADERS, streamId, block), 0);
    if (body !== "") pair.client.receive(encodeFrame(FrameType.DATA, 0, streamId, Buffer.from(body)), 0);
    return { pair, streamId };
  }
  const told = ({ failures }: Pair) =>
    failures.map(({ failure: { response } }) => [
      response?.httpStatus,
      response?.headers.get("content-length"),
      response && Buffer.from(response.body).toString(),
    ]);

  it.each<[string, (pair: Pair, streamId: number) => void]>([
    ["a lost connection", ({ client }) => client.connectionLost()],
    ["a reset", ({ client }, id) => client.receive(encodeRstStreamFrame({ streamId: id, http2ErrorCode: 8 }), 0)],
    ["the caller", ({ client }, id) => client.resetStream(id)],
    [
      "a GOAWAY",
      ({ client }) =>
        client.receive(encodeGoAwayFrame({ lastStreamId: 0, http2ErrorCode: 0, debugData: Buffer.alloc(0) }), 0),
    ],
    ["a fault of the connection", ({ client }) => client.receive(Buffer.alloc(9, 0xff), 0)],
  ])("is told as far as it has come, cut off by %s", (_, cut) => {
    const { pair, streamId } = begun();
    expect(pair.client.responseSoFar(streamId)).toMatchObject({ httpStatus: 400 });
    cut(pair, streamId);
    expect(told(pair)).toEqual([[400, "9", '{"rea']]);
    expect(pair.client.responseSoFar(streamId)).toBeUndefined();
  });

  it("is told without a body if none has come", () => {
    const { pair } = begun("");
    pair.client.connectionLost();
    expect(told(pair)).toEqual([[400, "9", ""]]);
  });

  it("is not told if it is malformed", () => {
    const { pair, streamId } = begun();
    pair.client.receive(encodeFrame(FrameType.DATA, FrameFlag.END_STREAM, streamId, Buffer.from("son")), 0);
    expect(pair.failures.map(({ failure }) => failure.error.code)).toEqual(["H2_CONTENT_LENGTH"]);
    expect(told(pair)).toEqual([[undefined, undefined, undefined]]);
  });
});

describe("a client", () => {
  const rst = (streamId: number) => encodeRstStreamFrame({ streamId, http2ErrorCode: Http2ErrorCode.REFUSED_STREAM });
  const ok = (streamId: number) =>
    encodeFrame(FrameType.HEADERS, FrameFlag.END_HEADERS | FrameFlag.END_STREAM, streamId, Buffer.of(0x88));

  it("takes a reset of each of its requests, however many at once", () => {
    const pair = new Pair().settle();
    const template = pair.client.createTemplate({ fields: requestFields, pathPrefix: "/" });
    for (let round = 0; round < 50; round++) {
      const ids = Array.from({ length: 100 }, (_, index) =>
        pair.client.request(template, "a", undefined, Buffer.of(), index),
      );
      drain(pair.client);
      for (const id of ids) pair.client.receive(rst(id), 0);
    }
    expect(pair.failures).toHaveLength(5000);
    expect(pair.failures.every(({ failure }) => failure.processed === "no")).toBe(true);
    expect(pair.client.isClosed).toBe(false);
  });

  it("lets late answers pass to requests it has given up, also to those it remembers no more", () => {
    const pair = new Pair({ rememberedResets: 100, ignoredRate: { burst: 0, perSecond: 0 } }).settle();
    const template = pair.client.createTemplate({ fields: requestFields, pathPrefix: "/" });
    const ids = Array.from({ length: 1000 }, (_, index) => {
      const id = pair.client.request(template, "a", undefined, Buffer.of(), index);
      pair.client.resetStream(id);
      return id;
    });
    drain(pair.client);
    for (const id of ids) pair.client.receive(ok(id), 0);
    expect(pair.client.isClosed).toBe(false);
    // What has ended in order since is known to have.
    const last = pair.client.request(template, "a", undefined, Buffer.of(), "last");
    pair.client.receive(ok(last), 0);
    expect(pair.responses.map(({ context }) => context)).toEqual(["last"]);
    pair.client.receive(ok(last), 0);
    expect(pair.clientErrors.map(({ code }) => code)).toEqual(["H2_STREAM_CLOSED"]);
  });

  it("does not let them pass without number", () => {
    const pair = new Pair({ rememberedResets: 1, ignoredRate: { burst: 50, perSecond: 0 } }).settle();
    const template = pair.client.createTemplate({ fields: requestFields, pathPrefix: "/" });
    for (const context of [1, 2])
      pair.client.resetStream(pair.client.request(template, "a", undefined, Buffer.of(), context));
    for (let count = 0; count < 1000; count++) pair.client.receive(ok(1), 0);
    expect(pair.clientErrors.map(({ code }) => code)).toEqual(["H2_IGNORED_FLOOD"]);
  });
});

describe("stream identifiers", () => {
  it("end, and no request is taken then", () => {
    const pair = new Pair({ firstStreamId: 0x7fff_fffd }).settle();
    const template = postTemplate(pair.client);
    expect(pair.client.availableStreams).toBe(2);
    expect(pair.client.isExhausted).toBe(false);
    expect(pair.client.request(template, token, undefined, payload, 1)).toBe(0x7fff_fffd);
    expect(pair.client.request(template, token, undefined, payload, 2)).toBe(0x7fff_ffff);
    expect(pair.client.isExhausted).toBe(true);
    expect(pair.client.availableStreams).toBe(0);
    expect(pair.client.request(template, token, undefined, payload, 3)).toBe(0);
    const ok = okTemplate(pair.server);
    pair.onRequest = ({ streamId }) => pair.server.respond(streamId, ok);
    pair.settle();
    expect(pair.responses.map(({ context }) => context)).toEqual([1, 2]);
  });
});

describe("time", () => {
  it("ends a connection whose SETTINGS nobody acknowledges", () => {
    const pair = new Pair({ settingsTimeoutMs: 500, now: 1000 });
    expect(pair.client.nextDeadline()).toBe(1500);
    pair.client.onDeadline(1499);
    expect(pair.clientErrors).toEqual([]);
    pair.client.onDeadline(1500);
    expect(pair.clientErrors.map(({ code, http2ErrorCode }) => [code, http2ErrorCode])).toEqual([
      ["H2_SETTINGS_TIMEOUT", Http2ErrorCode.SETTINGS_TIMEOUT],
    ]);
    expect(pair.client.nextDeadline()).toBeUndefined();
  });

  it("measures a PING, and ends a connection that does not answer it", () => {
    const pair = new Pair({ pingTimeoutMs: 100, maxOutstandingPings: 2 });
    pair.settle();
    expect(pair.client.nextDeadline()).toBeUndefined();
    pair.client.ping(10);
    carry(pair.client, pair.server, 20);
    carry(pair.server, pair.client, 35);
    expect(pair.log).toContain("client ping 25");
    expect([pair.client.ping(50), pair.client.ping(60), pair.client.ping(70)]).toEqual([true, true, false]);
    expect(pair.client.nextDeadline()).toBe(150);
    pair.client.onDeadline(150);
    expect(pair.clientErrors.map(({ code }) => code)).toEqual(["H2_PING_TIMEOUT"]);
  });
});

describe("a server", () => {
  it("sends a header block too large for one frame in several", () => {
    const pair = new Pair({ maxHeaderListBytes: 60_000, maxHeaderBlockBytes: 60_000 });
    pair.onRequest = ({ streamId }) =>
      pair.server.respondFields(streamId, [
        [":status", "200"],
        ["x", "y".repeat(40_000)],
      ]);
    pair.client.request(postTemplate(pair.client), token, undefined, payload, 1);
    pair.settle();
    expect(pair.responses[0]!.headers["x"]!.length).toBe(40_000);
  });

  it("ignores requests above the last stream of its GOAWAY, and is drained when the others are done", () => {
    const pair = new Pair();
    const template = postTemplate(pair.client);
    pair.client.request(template, token, undefined, payload, "a");
    carry(pair.client, pair.server);
    pair.server.goAway();
    pair.client.request(template, token, undefined, payload, "b");
    carry(pair.client, pair.server);
    expect(pair.requests.map(({ streamId }) => streamId)).toEqual([1]);
    pair.server.respond(1, okTemplate(pair.server));
    pair.settle();
    expect(pair.log).toContain("server drained");
    expect(pair.failures.map(({ context, failure }) => [context, failure.processed])).toEqual([["b", "no"]]);
  });

  it("answers before the request is complete, and does not report it again", () => {
    const pair = new Pair({}, { initialWindowBytes: 100 });
    pair.settle();
    const early = okTemplate(pair.server);
    pair.client.request(postTemplate(pair.client), token, undefined, Buffer.alloc(150), 1);
    carry(pair.client, pair.server);
    expect(pair.server.respond(1, early)).toBe(true);
    pair.settle();
    expect(pair.responses.length).toBe(1);
    expect(pair.requests).toEqual([]);
    expect(pair.client.openStreams + pair.server.openStreams).toBe(0);
    expect(pair.clientErrors.concat(pair.serverErrors)).toEqual([]);
  });

  it("informs before it answers", () => {
    const pair = new Pair();
    pair.onRequest = ({ streamId }) => {
      pair.server.inform(streamId, [[":status", "103"]]);
      pair.server.respond(streamId, okTemplate(pair.server));
    };
    pair.client.request(postTemplate(pair.client), token, undefined, payload, 1);
    pair.settle();
    expect(pair.responses.map(({ httpStatus }) => httpStatus)).toEqual([200]);
  });
});

describe("a machine that was not told when it was made", () => {
  it("counts the peer's time to acknowledge SETTINGS from the first time it is told", () => {
    const errors: string[] = [];
    const handler = {
      onResponse() {},
      onRequestFailed() {},
      onConnectionError: ({ code }: { code: string }) => errors.push(code),
    };
    const client = new ClientConnection({ settingsTimeoutMs: 1000 }, handler);
    expect(client.nextDeadline()).toBeUndefined();
    client.onDeadline(1_000_000);
    expect([client.nextDeadline(), errors]).toEqual([1_001_000, []]);
    client.onDeadline(1_001_000);
    expect(errors).toEqual(["H2_SETTINGS_TIMEOUT"]);
  });
});
