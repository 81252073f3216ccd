// Fields whose values differ from request to request: sent by a client, read by a server, over any size of the header table.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FieldValues, type RequestTemplate, SettingId } from "../src/index.ts";
import { carry, drain, framesOf, Pair, requestFields } from "./support/joined.ts";

const payload = Buffer.from("{}");
const names = ["apns-topic", "apns-priority", "apns-collapse-id"];
const constant = requestFields.slice(0, 4);

function templateOf({ client }: Pair): RequestTemplate {
  return client.createTemplate({ fields: constant, pathPrefix: "/3/device/", variable: "apns-id", varying: names });
}

/** Octets of the header block of one request, which the server reads and answers. */
function blockBytes(pair: Pair, template: RequestTemplate, values: FieldValues): number {
  expect(pair.client.request(template, "aa", undefined, payload, 1, values)).toBeGreaterThan(0);
  const output = drain(pair.client);
  pair.server.receive(output, 0);
  pair.server.resetStream(pair.requests.at(-1)!.streamId);
  pair.settle();
  const frames = framesOf(output, output.subarray(0, 3).toString() === "PRI" ? 24 : 0);
  return frames.find(({ type }) => type === 1)!.payload.length;
}

/** The constant parts of the request above: an index for each constant field, and the path. */
const constantBytes = constant.length + 2 + "/3/device/aa".length;

const fieldsOf = (values: FieldValues): Record<string, string> =>
  Object.fromEntries(names.flatMap((name, i) => (values[i] === undefined ? [] : [[name, values[i]]])));

function received(pair: Pair): Record<string, string>[] {
  return pair.requests.map(({ headers }) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name))),
  );
}

const value = fc.option(
  fc.oneof(
    fc.constantFrom("", "5", "10", "com.example.App", "a b", "\u00c3\u00a9", "x".repeat(64)),
    fc.nat({ max: 100_000 }).map(String),
    fc.string({ unit: fc.constantFrom("a", "B", "7", "~", "\u00e9"), maxLength: 300 }),
  ),
  { nil: undefined },
);

describe("varying fields", () => {
  it("arrive as they were given, in any mixture and order, while the peer changes the table", () => {
    const step = fc.record({
      values: fc.tuple(value, value, value),
      again: fc.boolean(),
      table: fc.option(fc.constantFrom(0, 60, 200, 600, 4096, 65_536), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const pair = new Pair();
        pair.onRequest = ({ streamId }) => pair.server.resetStream(streamId);
        const template = templateOf(pair);
        const sent: FieldValues[] = [];
        for (const { values, again, table } of steps) {
          const list = (again ? sent.at(-1) : undefined) ?? values;
          if (table !== undefined) pair.server.updateSettings([[SettingId.HEADER_TABLE_SIZE, table]], 0);
          pair.settle();
          expect(pair.client.request(template, "aa", undefined, payload, sent.length, list)).toBeGreaterThan(0);
          sent.push(list);
          if (sent.length % 7 === 0) pair.settle();
        }
        pair.settle();
        expect(pair.serverErrors).toEqual([]);
        expect(received(pair)).toEqual(sent.map(fieldsOf));
      }),
      { numRuns: 300 },
    );
  });

  it("cost one octet each once a value recurs", () => {
    const pair = new Pair();
    const template = templateOf(pair);
    const one: FieldValues = ["com.example.App", "5", "score-1"];
    const other: FieldValues = ["com.example.App", "10", "score-2"];
    for (let i = 0; i < 3; i++) for (const values of [one, other]) blockBytes(pair, template, [...values]);
    for (const values of [one, one, other, [...one], one]) {
      expect(blockBytes(pair, template, values)).toBe(constantBytes + names.length);
    }
  });

  it("leave the table to the constant fields, however many values there are", () => {
    const pair = new Pair();
    const template = templateOf(pair);
    blockBytes(pair, template, ["com.example.App", "5", "first"]);
    for (let i = 0; i < 5000; i++) {
      const id = `message-${String(i).padStart(6, "0")}`;
      // An index for the topic; for the others two octets of a name's index, one of the length, and the value.
      const bytes = blockBytes(pair, template, ["com.example.App", `7${i}`, id]);
      expect(bytes).toBe(constantBytes + 1 + 3 + `7${i}`.length + 3 + id.length);
    }
  });

  it("that recur, but are too many for their half of the table, leave the other half free", () => {
    const pair = new Pair();
    const template = templateOf(pair);
    const ids = Array.from({ length: 30 }, (_, i) => `${String(i).padStart(2, "0")}`.padStart(150, "x"));
    for (let round = 0; round < 10; round++) for (const id of ids) blockBytes(pair, template, [undefined, "5", id]);
    // Another provider token: its first block inserts it, and from the next one on it is an index.
    const fields = [...constant.slice(0, 3), { name: "authorization", value: `bearer ${"b".repeat(1500)}` }];
    const renewed = pair.client.createTemplate({ fields, pathPrefix: "/3/device/", varying: names });
    expect(blockBytes(pair, renewed, ["com.example.App"])).toBeGreaterThan(1000);
    expect(blockBytes(pair, renewed, [])).toBe(constantBytes);
    expect(received(pair).map((fields) => fields["apns-collapse-id"])).toEqual([
      ...Array.from({ length: 10 }, () => ids).flat(),
      undefined,
      undefined,
    ]);
  });

  it.each([
    ["a line feed", "a\nb"],
    ["a character beyond Latin-1", "\u0141"],
    ["a blank in front", " a"],
    ["a tab at the end", "a\t"],
    ["DEL", "\u007f"],
    ["20,000 octets", "a".repeat(20_000)],
  ])("are refused with %s, and the connection goes on", (_, bad) => {
    const pair = new Pair();
    pair.onRequest = ({ streamId }) => pair.server.resetStream(streamId);
    const template = templateOf(pair);
    const send = (values: FieldValues) => pair.client.request(template, "aa", undefined, payload, 1, values);
    const refuse = (...values: string[]) =>
      expect(() => send(values)).toThrow(expect.objectContaining({ code: "H2_USAGE" }));
    const good: FieldValues[] = [];
    const accept = (...values: string[]): void => {
      send(values);
      good.push(values);
    };
    // Before anything is in the table, behind a value that would be inserted, and while a change of the table is due.
    refuse("com.example.App", "5", bad);
    accept("com.example.App", "5", "id-1");
    accept("com.example.App", "10", "id-2");
    refuse("com.example.App", "10", bad);
    accept("com.example.App", "10", "id-3");
    pair.settle();
    pair.server.updateSettings([[SettingId.HEADER_TABLE_SIZE, 300]], 0);
    carry(pair.server, pair.client);
    refuse("com.example.App", "10", bad);
    accept("com.example.App", "10", "id-3");
    pair.settle();
    expect(pair.serverErrors).toEqual([]);
    expect(received(pair)).toEqual(good.map(fieldsOf));
  });

  it("belong to a template that names them", () => {
    const { client } = new Pair();
    const plain = client.createTemplate({ fields: constant, pathPrefix: "/" });
    expect(() => client.request(plain, "a", undefined, payload, 1, ["x"])).toThrow("has no varying fields");
    const upperCase = { fields: constant, pathPrefix: "/", varying: ["Apns-Topic"] };
    expect(() => client.createTemplate(upperCase)).toThrow("is not a field name");
  });
});
