import { describe, expect, it } from "vitest";
import { hex } from "../../test/support/splits.ts";
import { HpackDecoder } from "./decoder.js";
import { HpackEncoder } from "./encoder.js";
import { type HeaderField, HeaderFields } from "./header-fields.js";
import { encodeInteger, IntegerReader } from "./integer.js";

interface Step {
  block: string;
  fields: HeaderField[];
  table: HeaderField[];
  bytes: number;
}

const get1: HeaderField[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "www.example.com"],
];
const get2: HeaderField[] = [...get1, ["cache-control", "no-cache"]];
const get3: HeaderField[] = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/index.html"],
  [":authority", "www.example.com"],
  ["custom-key", "custom-value"],
];
const requestTables: HeaderField[][] = [
  [[":authority", "www.example.com"]],
  [
    ["cache-control", "no-cache"],
    [":authority", "www.example.com"],
  ],
  [
    ["custom-key", "custom-value"],
    ["cache-control", "no-cache"],
    [":authority", "www.example.com"],
  ],
];
const date1 = "Mon, 21 Oct 2013 20:13:21 GMT";
const date2 = "Mon, 21 Oct 2013 20:13:22 GMT";
const url = "https://www.example.com";
const cookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
const answer = (status: string, date: string): HeaderField[] => [
  [":status", status],
  ["cache-control", "private"],
  ["date", date],
  ["location", url],
];
const answers: HeaderField[][] = [
  answer("302", date1),
  answer("307", date1),
  [
    [":status", "200"],
    ["cache-control", "private"],
    ["date", date2],
    ["location", url],
    ["content-encoding", "gzip"],
    ["set-cookie", cookie],
  ],
];
const answerTables: HeaderField[][] = [
  [
    ["location", url],
    ["date", date1],
    ["cache-control", "private"],
    [":status", "302"],
  ],
  [
    [":status", "307"],
    ["location", url],
    ["date", date1],
    ["cache-control", "private"],
  ],
  [
    ["set-cookie", cookie],
    ["content-encoding", "gzip"],
    ["date", date2],
  ],
];

const sequences: Record<string, { tableBytes: number; steps: Step[] }> = {
  "C.2.1 literal with indexing": one(
    "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
    ["custom-key", "custom-header"],
    55,
  ),
  "C.2.2 literal without indexing": one("040c2f73616d706c652f70617468", [":path", "/sample/path"], 0),
  "C.2.3 literal never indexed": one("100870617373776f726406736563726574", ["password", "secret"], 0),
  "C.2.4 indexed": one("82", [":method", "GET"], 0),
  "C.3 requests without Huffman": {
    tableBytes: 4096,
    steps: [
      { block: "828684410f7777772e6578616d706c652e636f6d", fields: get1, table: requestTables[0]!, bytes: 57 },
      { block: "828684be58086e6f2d6361636865", fields: get2, table: requestTables[1]!, bytes: 110 },
      {
        block: "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        fields: get3,
        table: requestTables[2]!,
        bytes: 164,
      },
    ],
  },
  "C.4 requests with Huffman": {
    tableBytes: 4096,
    steps: [
      { block: "828684418cf1e3c2e5f23a6ba0ab90f4ff", fields: get1, table: requestTables[0]!, bytes: 57 },
      { block: "828684be5886a8eb10649cbf", fields: get2, table: requestTables[1]!, bytes: 110 },
      { block: "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", fields: get3, table: requestTables[2]!, bytes: 164 },
    ],
  },
  "C.5 responses without Huffman, 256 octets of table": {
    tableBytes: 256,
    steps: [
      {
        block: `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
          6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
        fields: answers[0]!,
        table: answerTables[0]!,
        bytes: 222,
      },
      { block: "4803333037c1c0bf", fields: answers[1]!, table: answerTables[1]!, bytes: 222 },
      {
        block: `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d
          4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31`,
        fields: answers[2]!,
        table: answerTables[2]!,
        bytes: 215,
      },
    ],
  },
  "C.6 responses with Huffman, 256 octets of table": {
    tableBytes: 256,
    steps: [
      {
        block:
          "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        fields: answers[0]!,
        table: answerTables[0]!,
        bytes: 222,
      },
      { block: "4883640effc1c0bf", fields: answers[1]!, table: answerTables[1]!, bytes: 222 },
      {
        block: `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960
          d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
        fields: answers[2]!,
        table: answerTables[2]!,
        bytes: 215,
      },
    ],
  },
};

function one(block: string, field: HeaderField, bytes: number): { tableBytes: number; steps: Step[] } {
  return { tableBytes: 4096, steps: [{ block, fields: [field], table: bytes > 0 ? [field] : [], bytes }] };
}

describe("RFC 7541 appendix C", () => {
  it.each([
    ["C.1.1", 10, 5, "0a"],
    ["C.1.2", 1337, 5, "1f9a0a"],
    ["C.1.3", 42, 8, "2a"],
  ])("%s: %i with a prefix of %i bits", (_, value, bits, octets) => {
    const target = Buffer.alloc(8);
    expect(target.subarray(0, encodeInteger(target, 0, 0, bits, value)).toString("hex")).toBe(octets);
    const reader = new IntegerReader();
    const source = hex(octets);
    expect(reader.read(source, 0, source.length, bits)).toBe(value);
    expect(reader.offset).toBe(source.length);
  });

  it.each(Object.entries(sequences))("%s is decoded", (_, { tableBytes, steps }) => {
    for (const lazily of [true, false]) {
      const decoder = new HpackDecoder(tableBytes, 65_536);
      const fields = new HeaderFields();
      for (const step of steps) {
        const block = hex(step.block);
        decoder.decode(block, 0, block.length, fields);
        expect(fields.length).toBe(step.fields.length);
        // Lazily: nobody asks for the values of this block; the table must be right all the same.
        if (!lazily) expect(fields.toArray()).toEqual(step.fields);
        if (!lazily) expect(decoder.tableEntries()).toEqual(step.table);
        expect(decoder.tableBytes).toBe(step.bytes);
      }
      if (lazily) expect(decoder.tableEntries()).toEqual(steps.at(-1)!.table);
    }
  });

  it.each([
    ["C.3", false],
    ["C.4", true],
  ])("%s: the encoder writes the same octets", (section, huffman) => {
    const [, { steps }] = Object.entries(sequences).find(([title]) => title.startsWith(section))!;
    const encoder = new HpackEncoder(4096);
    for (const step of steps) {
      const target = Buffer.alloc(512);
      let end = 0;
      for (const [name, value] of step.fields) end = encoder.encodeField(target, end, name, value, "table", huffman);
      expect(target.subarray(0, end).toString("hex")).toBe(step.block);
      expect(encoder.tableBytes).toBe(step.bytes);
      expect(encoder.tableEntries()).toEqual(step.table.map(([name, value]) => `${name}: ${value}`));
    }
  });

  it("writes the literals of C.2.2 and C.2.3", () => {
    const encoder = new HpackEncoder(4096);
    const target = Buffer.alloc(64);
    let end = encoder.encodeField(target, 0, ":path", "/sample/path", "none", false);
    expect(target.subarray(0, end).toString("hex")).toBe("040c2f73616d706c652f70617468");
    end = encoder.encodeField(target, 0, "password", "secret", "never", false);
    expect(target.subarray(0, end).toString("hex")).toBe("100870617373776f726406736563726574");
  });
});
