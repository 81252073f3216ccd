import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex } from "../../test/support/splits.ts";
import { HpackDecoder } from "./decoder.js";
import { HpackEncoder } from "./encoder.js";
import { type HeaderField, HeaderFields } from "./header-fields.js";
import { HeaderTemplate } from "./header-template.js";
import { HpackError } from "./hpack-error.js";
import {
  decodeHuffman,
  encodeHuffman,
  HUFFMAN_FORBIDDEN,
  HUFFMAN_INVALID,
  huffmanLength,
  measureHuffman,
} from "./huffman.js";
import { huffmanCodes, huffmanLengths } from "./huffman-table.js";

const latin1 = fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets).toString("latin1"));

/** The plain twin: bits as text. */
function plainHuffman(text: string): Buffer {
  let bits = "";
  for (const octet of Buffer.from(text, "latin1"))
    bits += huffmanCodes[octet]!.toString(2).padStart(huffmanLengths[octet]!, "0");
  while (bits.length % 8 !== 0) bits += "1";
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
}

function decode(decoder: HpackDecoder, block: Uint8Array): HeaderFields {
  const fields = new HeaderFields();
  decoder.decode(Buffer.from(block), 0, block.length, fields);
  return fields;
}

describe("Huffman", () => {
  it("is what the plain twin makes, and comes back", () => {
    fc.assert(
      fc.property(latin1, (text) => {
        const target = Buffer.alloc(huffmanLength(text) + 8);
        const end = encodeHuffman(text, target, 0);
        expect(target.subarray(0, end)).toEqual(plainHuffman(text));
        expect(end).toBe(huffmanLength(text));
        expect(measureHuffman(target, 0, end) & ~HUFFMAN_FORBIDDEN).toBe(text.length);
        const back = Buffer.alloc(text.length);
        expect(decodeHuffman(target, 0, end, back, 0)).toBe(text.length);
        expect(back.toString("latin1")).toBe(text);
      }),
    );
  });

  it.each([
    ["a whole octet of padding", "1fff", HUFFMAN_INVALID],
    ["padding that is not ones", "18", HUFFMAN_INVALID],
    ["EOS", "ffffffff", HUFFMAN_INVALID],
    ["EOS behind a symbol", "1fffffffff", HUFFMAN_INVALID],
    ["seven bits of padding", "", 0],
    ["one symbol", "1f", 1],
  ])("judges %s", (_, octets, expected) => {
    const source = hex(octets);
    expect(measureHuffman(source, 0, source.length)).toBe(expected);
  });

  it.each(["\0", "\n", "\r"])("notices %j, which no value may have", (octet) => {
    const source = plainHuffman(`ab${octet}c`);
    expect(measureHuffman(source, 0, source.length)).toBe(4 | HUFFMAN_FORBIDDEN);
  });
});

describe("HpackDecoder refuses", () => {
  it.each([
    ["index 0", "80", "HPACK_INDEX"],
    ["an index beyond the table", "be", "HPACK_INDEX"],
    ["a name index beyond the table", "7e0161", "HPACK_INDEX"],
    ["an integer that does not end", "ffffffffffffffffff", "HPACK_INTEGER"],
    ["an integer cut short", "ff80", "HPACK_TRUNCATED"],
    ["a literal without a value", "0001", "HPACK_TRUNCATED"],
    ["a string longer than the block", "00056162", "HPACK_TRUNCATED"],
    ["a value that is missing", "000161", "HPACK_TRUNCATED"],
    ["a Huffman string with EOS", "00016184ffffffff", "HPACK_HUFFMAN"],
    ["a table larger than allowed", "3fe21f", "HPACK_TABLE_SIZE"],
    ["a size update behind a field", "8220", "HPACK_TABLE_SIZE"],
  ])("%s", (_, octets, code) => {
    expect(() => decode(new HpackDecoder(4096, 65_536), hex(octets))).toThrow(
      expect.objectContaining({ name: "HpackError", code }),
    );
  });

  it("a block without the size update that a smaller limit demands (section 4.2)", () => {
    const decoder = new HpackDecoder(4096, 65_536);
    decoder.setTableLimit(100);
    expect(() => decode(decoder, hex("82"))).toThrow(expect.objectContaining({ code: "HPACK_TABLE_SIZE" }));
    expect(decode(decoder, hex("3f4582")).toArray()).toEqual([[":method", "GET"]]);
    expect(decode(decoder, hex("82")).length).toBe(1);
  });
});

describe("HpackDecoder", () => {
  it("cuts a header list that is too large, and keeps the table right", () => {
    const decoder = new HpackDecoder(4096, 100);
    const fields = decode(decoder, hex("400161 0162 400163 0164 400165 0166"));
    expect(fields.isTooLarge).toBe(true);
    expect(fields.toArray()).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(fields.listBytes).toBe(102);
    expect(decode(decoder, hex("be")).toArray()).toEqual([["e", "f"]]);
  });

  it("bounds a bomb: a large entry referred to again and again", () => {
    const decoder = new HpackDecoder(4096, 16_384);
    const value = Buffer.alloc(4000, 0x61);
    decode(decoder, Buffer.concat([hex("40 01 61 7f a1 1e"), value]));
    const fields = decode(decoder, Buffer.alloc(30_000, 0xbe));
    expect(fields.isTooLarge).toBe(true);
    expect(fields.length).toBe(4);
  });

  it("reads entries of the table that the same block evicts", () => {
    const decoder = new HpackDecoder(80, 65_536);
    decode(decoder, hex("400161 0162 400163 0164")); // 34 octets each
    // Refers to both entries, then inserts three times over them.
    const fields = decode(decoder, hex("be bf 400165 0166 400167 0168 400169 016a"));
    expect(fields.toArray()).toEqual([
      ["c", "d"],
      ["a", "b"],
      ["e", "f"],
      ["g", "h"],
      ["i", "j"],
    ]);
  });

  it.each([
    "00034162630161",
    "0001ff0161",
    "0002613a0161",
    "00000161",
    "000161020061",
    "0001610161".replace("0161", "010a"),
  ])("marks %s as malformed (RFC 9113 section 8.2.1)", (octets) => {
    expect(decode(new HpackDecoder(4096, 65_536), hex(octets).subarray(0)).isMalformed).toBe(true);
  });

  it("throws nothing but HpackError, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (blocks) => {
        const decoder = new HpackDecoder(200, 1000);
        try {
          for (const block of blocks) {
            const fields = decode(decoder, block);
            fields.toArray();
            expect(decoder.tableBytes).toBeLessThanOrEqual(200);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(HpackError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const field = fc.tuple(
  fc.constantFrom("a", "apns-id", "authorization", "x-very-long-name-that-is-spelt-out", ":path"),
  fc.oneof(fc.constantFrom("", "1", "repeated"), fc.string({ unit: "binary-ascii", maxLength: 60 })),
  fc.constantFrom("table" as const, "none" as const, "never" as const),
  fc.boolean(),
);

describe("HpackEncoder and HpackDecoder", () => {
  it("agree over many blocks, table sizes changing between them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(field, { maxLength: 8 }), fc.option(fc.integer({ min: 0, max: 1000 }))), {
          maxLength: 20,
        }),
        (blocks) => {
          const encoder = new HpackEncoder(400);
          const decoder = new HpackDecoder(4096, 65_536);
          for (const [fields, limit] of blocks) {
            if (limit !== null) {
              encoder.setPeerLimit(limit);
              if (limit % 2 === 0) encoder.setPeerLimit(limit / 2);
              decoder.setTableLimit(limit % 2 === 0 ? limit / 2 : limit);
            }
            const target = Buffer.alloc(4096);
            let end = encoder.writeUpdates(target, 0);
            for (const [name, value, indexing, huffman] of fields)
              end = encoder.encodeField(target, end, name, value, indexing, huffman);
            if (limit !== null && end === 0) continue;
            const list = new HeaderFields();
            decoder.decode(target, 0, end, list);
            expect(list.toArray()).toEqual(fields.map(([name, value]): HeaderField => [name, value]));
            expect(decoder.tableBytes).toBe(encoder.tableBytes);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("empties a full table once literals have cost more than filling it anew", () => {
    const encoder = new HpackEncoder(100);
    const decoder = new HpackDecoder(4096, 65_536);
    const old = new HeaderTemplate([{ name: "authorization", value: "old-old-old-old-old-old" }], []);
    const fresh = new HeaderTemplate([{ name: "authorization", value: "new-new-new-new-new-new" }], []);
    const send = (template: HeaderTemplate): string => {
      if (template.stamp !== encoder.stamp) template.refresh(encoder);
      const target = Buffer.alloc(200);
      const start = encoder.writeUpdates(target, 0);
      const end =
        start +
        template.head.copy(target, start, 0, template.headBytes) +
        template.tail.copy(target, start, 0, template.tailBytes);
      encoder.noteMissed(template.missedBytes);
      return decode(decoder, target.subarray(0, end)).get("authorization")!;
    };
    expect(send(old)).toMatch(/^old/);
    expect(send(old)).toMatch(/^old/);
    expect(old.tailBytes).toBe(1);
    let uses = 0;
    while (fresh.tailBytes !== 1) {
      expect(send(fresh)).toMatch(/^new/);
      if (++uses > 200) throw new Error("the table was never emptied");
    }
    expect(uses).toBeGreaterThan(50); // 1600 octets of literals at about 20 each
    expect(send(fresh)).toMatch(/^new/);
    expect(send(old)).toMatch(/^old/);
  });
});
