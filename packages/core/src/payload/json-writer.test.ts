import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writePooled } from "./byte-pool.js";
import { encodePayload } from "./encode-payload.js";
import { notWritten, writeJson } from "./json-writer.js";

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '"',
      "\\",
      "\n",
      "\u0000",
      "\u001f",
      "\u007f",
      "</script>",
      "\u2028",
      "\ud800",
      "\udfff",
      "\ufffd",
      "\uffee",
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
  ),
  maxLength: 90,
});
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.double(),
    fc.integer(),
    fc.constantFrom(null, true, false, undefined, -0, 1e21, 1e-7),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 5 }),
  ),
})).value;
const object = fc.dictionary(fc.oneof(text, fc.constantFrom("aps", "10", "2", "__proto__")), json, { maxKeys: 6 });

const decoder = new TextDecoder("utf-8", { fatal: true });
const expected = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("JSON straight into bytes", () => {
  test("is what JSON.stringify and a TextEncoder make", () => {
    fc.assert(
      fc.property(object, (payload) => {
        expect(encodePayload(payload)).toEqual(expected(payload));
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, object]>([
    ["a Date", { at: new Date(0) }],
    ["toJSON", { a: { toJSON: (key: string) => `made for ${key}` } }],
    ["toJSON that is no function", { a: { toJSON: 1 } }],
    ["a boxed text", { a: Object("x") }],
    ["a Map", { a: new Map([[1, 2]]) }],
    [
      "a class",
      new (class Point {
        x = 1;
        get y() {
          return 2;
        }
      })(),
    ],
    ["no prototype", Object.assign(Object.create(null), { a: 1 })],
    ["inherited keys", { a: Object.create({ inherited: 1 }) }],
    ["functions and symbols", { a: () => 1, b: Symbol("x"), c: [() => 1, undefined], d: 1 }],
    ["keys that are hidden", Object.defineProperty({ a: 1 }, "hidden", { value: 2 })],
    ["a sparse array", { a: Object.assign([1], { 2: 3 }) }],
    ["100 levels", Array.from({ length: 100 }).reduce<object>((inner) => ({ inner }), {})],
    ["more than a slab", { a: "x".repeat(9000) }],
    ["4,000 characters of three bytes each", { a: "\u20ac".repeat(4000) }],
    ["nothing", {}],
  ])("is the same for %s", (_, payload) => {
    expect(encodePayload(payload)).toEqual(expected(payload));
  });

  test("keeps to its room, wherever that ends", () => {
    const payload = {
      aps: { alert: 'A "text" of more than thirty-two characters', badge: 12, list: [1, null, {}] },
      é: [],
    };
    const whole = expected(payload);
    for (let room = 0; room <= whole.length + 150; room++) {
      const target = new Uint8Array(room + 8).fill(0xaa);
      const end = writeJson(target.subarray(4, 4 + room), 0, payload);
      expect([...target.subarray(0, 4), ...target.subarray(4 + room)]).toEqual(new Array(8).fill(0xaa));
      if (end !== notWritten) expect(target.subarray(4, 4 + end)).toEqual(whole);
      if (room < whole.length) expect(end).toBe(notWritten);
    }
  });
});

describe("pooled bytes", () => {
  test("do not overlap, however many there are", () => {
    const payloads = Array.from({ length: 500 }, (_, index) => ({ index, text: "x".repeat((index * 37) % 1500) }));
    const encoded = payloads.map(encodePayload);
    expect(encoded.map((bytes) => JSON.parse(decoder.decode(bytes)))).toEqual(payloads);
  });

  test.each([0, 1, 31, 32, 33, 1000, 8192, 9000])(
    "are a copy of %i bytes or characters given as they are",
    (length) => {
      const given = Uint8Array.from({ length }, (_, index) => 0x20 + (index % 90));
      const copy = encodePayload(given);
      const text = decoder.decode(given);
      given.fill(0);
      expect(decoder.decode(copy)).toBe(text);
      expect(encodePayload(`${text}\u20ac\ud800`)).toEqual(new TextEncoder().encode(`${text}\u20ac\ufffd`));
    },
  );

  test("go on behind a buffer that was transferred to another thread", () => {
    const first = encodePayload({ a: 1 });
    structuredClone(first.buffer, { transfer: [first.buffer as ArrayBuffer] });
    expect(decoder.decode(encodePayload({ a: 2 }))).toBe('{"a":2}');
  });

  test("are none for what never fits", () => {
    expect(writePooled(() => -1)).toBeUndefined();
    expect(decoder.decode(encodePayload({ a: 3 }))).toBe('{"a":3}');
  });
});
