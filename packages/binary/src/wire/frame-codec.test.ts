import { everySplit, fromHex } from "@apns/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutInto, frames } from "../../test/vectors.js";
import { encodeFrame, FrameDecoder, type FrameEvent, type FrameInput, frameBytes, writeFrame } from "../wire.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A plain copy of an event, so that getters and fields compare alike. */
function plain(event: FrameEvent): object {
  if (event.kind === "problem") return event;
  const { kind, command, identifier, expiry, priority, deviceTokenText, deviceToken, payload } = event;
  expect(hex(deviceToken)).toBe(deviceTokenText);
  return { kind, command, identifier, expiry, priority, token: deviceTokenText, payload: hex(payload) };
}

function decodeAll(chunks: readonly Uint8Array[], decoder: FrameDecoder = new FrameDecoder()): object[] {
  return chunks.flatMap((chunk) => decoder.receive(chunk).map(plain));
}

describe.each(Object.entries(frames))("frame %s", (_, vector) => {
  const { command, identifier, expiry, priority, token, payload, itemOrder } = vector;
  const bytes = fromHex(vector.hex);
  const input: FrameInput = {
    command,
    identifier,
    expiry,
    priority,
    deviceToken: fromHex(token),
    payload: utf8(payload),
    itemOrder,
  };

  test("is encoded as on paper", () => {
    expect(hex(encodeFrame(input))).toBe(hex(bytes));
    const target = new Uint8Array(bytes.length + 10).fill(0xee);
    expect(writeFrame(target, 7, input)).toBe(7 + bytes.length);
    expect(hex(target)).toBe(`${"ee".repeat(7)}${hex(bytes)}${"ee".repeat(3)}`);
    expect(() => writeFrame(target, 11, input)).toThrow(/^target: /);
  });

  test("is decoded, whole and cut anywhere, alone and between others", () => {
    const expected = { kind: "frame", command, identifier, expiry, priority, token, payload: hex(utf8(payload)) };
    for (const { name, chunks } of everySplit(bytes)) expect([name, decodeAll(chunks)]).toEqual([name, [expected]]);
    const others = [frames["V1"]!, frames["V4"]!].map((other) => fromHex(other.hex));
    for (const { name, chunks } of everySplit(Buffer.concat([others[0]!, bytes, others[1]!]))) {
      const events = decodeAll(chunks);
      expect([name, events.length, events[1]]).toEqual([name, 3, expected]);
    }
  });

  test("raw is the frame as it came, and an incomplete one is pending", () => {
    const decoder = new FrameDecoder();
    expect(decoder.receive(bytes.subarray(0, -1))).toEqual([]);
    expect(decoder.pendingBytes).toBe(bytes.length - 1);
    const [event] = decoder.receive(bytes.subarray(-1));
    expect(event?.kind === "frame" && hex(event.raw)).toBe(hex(bytes));
    expect(decoder.pendingBytes).toBe(0);
  });
});

test("the size of a frame is known before it is made", () => {
  expect([frameBytes(0, 32, 22), frameBytes(1, 32, 22), frameBytes(2, 32, 22)]).toEqual([59, 67, 83]);
});

describe("what cannot be read is a problem with the status code that fits", () => {
  const id = "03 0004 0000002a";
  test.each([
    ["unknown command", "03", "unknownCommand", 128, undefined],
    ["text instead of frames", "474554202f", "unknownCommand", 128, undefined],
    ["simple, token too long", "00 0100", "deviceTokenTooLong", 5, undefined],
    ["enhanced, token too long", "01 0000002a 00000000 ffff", "deviceTokenTooLong", 5, 42],
    ["enhanced, payload too long", "01 0000002a 00000000 0001 aa 2001", "payloadTooLong", 7, 42],
    ["framed, 4 GiB announced", "02 ffffffff", "frameTooLong", 128, undefined],
    ["framed, item cut at its id", `02 00000008 ${id} 01`, "itemOverrun", 128, 42],
    ["framed, item cut in its length", `02 00000009 ${id} 0100`, "itemOverrun", 128, 42],
    ["framed, item longer than the frame", `02 0000000b ${id} 01 0002 aa`, "itemOverrun", 128, 42],
    ["framed, identifier of 3 bytes", "02 00000006 03 0003 000001", "itemLength", 128, undefined],
    ["framed, expiry of 5 bytes", `02 0000000f ${id} 04 0005 0000000000`, "itemLength", 128, 42],
    ["framed, priority of 2 bytes", `02 0000000c ${id} 05 0002 000a`, "itemLength", 128, 42],
    ["framed, the same item twice", `02 0000000e ${id} ${id}`, "duplicateItem", 128, 42],
    ["framed, item 6", `02 0000000b ${id} 06 0001 00`, "unknownItem", 128, 42],
    ["framed, item 0", `02 0000000a ${id} 00 0000`, "unknownItem", 128, 42],
  ])("%s", (_, text, problem, statusCode, identifier) => {
    for (const { name, chunks } of everySplit(fromHex(text))) {
      const decoder = new FrameDecoder();
      const events = decodeAll(chunks, decoder);
      expect([name, events]).toEqual([
        name,
        [expect.objectContaining({ kind: "problem", problem, statusCode, identifier })],
      ]);
      expect(decoder.stopped).toBe(true);
      expect(decoder.receive(fromHex(frames["V1"]!.hex))).toEqual([]);
      expect(decoder.pendingBytes).toBe(0);
    }
  });

  test("frames before it are read, those after it are not", () => {
    const v1 = fromHex(frames["V1"]!.hex);
    const events = decodeAll([Buffer.concat([v1, v1, Uint8Array.of(9), v1])]);
    expect(events.map((event) => (event as FrameEvent).kind)).toEqual(["frame", "frame", "problem"]);
  });

  test("unknown items can be skipped and the last of two can count", () => {
    const decoder = new FrameDecoder({ unknownItem: "skip", duplicateItem: "last" });
    const [frame] = decodeAll([fromHex(`02 00000012 03 0004 00000001 09 0001 ff 03 0004 0000002a`)], decoder);
    expect(frame).toMatchObject({ kind: "frame", identifier: 42, token: "", payload: "" });
  });

  test("limits are options", () => {
    expect(() => new FrameDecoder({ maxFrameBytes: 0 })).toThrow(/^maxFrameBytes: /);
    const decoder = new FrameDecoder({ maxDeviceTokenBytes: 31 });
    expect(decodeAll([fromHex(frames["V2"]!.hex)], decoder)).toMatchObject([{ problem: "deviceTokenTooLong" }]);
  });
});

describe("what a command cannot carry is refused by name", () => {
  const base = { deviceToken: new Uint8Array(32), payload: utf8("{}") };
  test.each<[string, FrameInput]>([
    ["command", { ...base, command: 8 as 0 }],
    ["identifier", { ...base, command: 0, identifier: 1 }],
    ["identifier", { ...base, command: 1, identifier: 2 ** 32 }],
    ["expiry", { ...base, command: 0, expiry: 1 }],
    ["expiry", { ...base, command: 2, expiry: -1 }],
    ["priority", { ...base, command: 1, priority: 10 }],
    ["priority", { ...base, command: 2, priority: 256 }],
    ["payload.length", { ...base, command: 1, payload: new Uint8Array(65_536) }],
    ["itemOrder", { ...base, command: 2, itemOrder: [1, 6] }],
  ])("%s of %o", (field, input) => {
    expect(() => encodeFrame(input)).toThrow(expect.objectContaining({ field }));
  });
});

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const anyFrame: fc.Arbitrary<FrameInput> = fc
  .record({
    command: fc.constantFrom(0, 1, 2) as fc.Arbitrary<0 | 1 | 2>,
    identifier: uint32,
    expiry: uint32,
    priority: fc.integer({ min: 0, max: 255 }),
    deviceToken: fc.uint8Array({ maxLength: 100 }),
    payload: fc.uint8Array({ maxLength: 300 }),
    itemOrder: fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 }),
  })
  .map(({ command, identifier, expiry, priority, ...rest }) => ({
    ...rest,
    command,
    ...(command === 0 ? {} : { identifier, expiry }),
    ...(command === 2 ? { priority } : {}),
  }));

test("any frames, cut anywhere, come back as they went", () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 6 }), fc.array(fc.nat(60), { maxLength: 30 }), (inputs, sizes) => {
      const bytes = Buffer.concat(inputs.map(encodeFrame));
      expect(decodeAll(cutInto(bytes, sizes))).toEqual(
        inputs.map(({ command, identifier, expiry, priority, deviceToken, payload }) => ({
          kind: "frame",
          command,
          identifier,
          expiry,
          priority,
          token: hex(deviceToken),
          payload: hex(payload),
        })),
      );
    }),
  );
});

test("random bytes throw nothing, end in at most one problem, and hold bounded memory", () => {
  const limits = { maxDeviceTokenBytes: 100, maxPayloadBytes: 2048, maxFrameBytes: 3000 };
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 30 }),
      fc.constantFrom(0, 1, 2),
      (chunks, first) => {
        const decoder = new FrameDecoder(limits);
        const events = decodeAll([Uint8Array.of(first), ...chunks], decoder) as FrameEvent[];
        const problems = events.filter(({ kind }) => kind === "problem");
        expect(problems).toEqual(decoder.stopped ? [events.at(-1)] : []);
        expect(decoder.pendingBytes).toBeLessThanOrEqual(3005);
      },
    ),
  );
});
