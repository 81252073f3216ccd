import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  alert,
  alertTemplate,
  InMemoryTransport,
  type InvalidArgumentError,
  type JsonValue,
  type Notification,
  notification,
  notificationTemplate,
  PayloadTooLargeError,
  sendAll,
} from "../index.ts";

const read = ({ encodedPayload }: Notification): unknown =>
  JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(encodedPayload));

/** The plain way: an object made by hand. */
function byHand(value: JsonValue, values: Readonly<Record<string, JsonValue>>): JsonValue {
  if (typeof value === "string") {
    const only = /^\{\{(\w+)\}\}$/.exec(value)?.[1];
    if (only !== undefined) return values[only]!;
    return value.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
  }
  if (Array.isArray(value)) return value.map((entry) => byHand(entry as JsonValue, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, byHand(entry as JsonValue, values)]));
}

const names = ["name", "count", "x", "__proto__", "constructor"];
const words = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '"',
      "\\",
      "\n",
      "\u0000",
      "\u001b",
      "</script>",
      "{{",
      "}}",
      "{",
      "$&",
      "\ud83d",
      "\ude00",
      "\ufffd",
      "👩‍👩‍👧",
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
  maxLength: 60,
});
// No braces: what is constant must not make a placeholder that the test does not know.
const constant = words.map((text) => text.replaceAll(/[{}]/g, ""));
const withFields = fc
  .array(
    fc.oneof(
      constant,
      fc.constantFrom(...names).map((name) => `{{${name}}}`),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(""));
const payload = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    withFields,
    fc.integer(),
    fc.constantFrom(null, true, 0.5),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(constant, tie("value"), { maxKeys: 4 }),
  ),
})).value;
const fieldValues = fc
  .tuple(
    ...names.map(() =>
      fc.oneof(words, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
    ),
  )
  .map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]!])));

describe("a filled template", () => {
  test("has the payload of the same object made by hand", () => {
    fc.assert(
      fc.property(
        fc.dictionary(constant, payload, { maxKeys: 5 }),
        fc.array(fieldValues, { minLength: 1, maxLength: 3 }),
        (object, devices) => {
          const template = notificationTemplate({ pushType: "alert", payload: object, payloadLimit: 65_535 });
          for (const values of devices) {
            const filled = template.fill(values);
            const same = notification({
              pushType: "alert",
              payload: byHand(object as JsonValue, values) as object,
              payloadLimit: 65_535,
            });
            expect(read(filled)).toEqual(read(same));
            expect(filled.encodedPayload.length).toBeGreaterThanOrEqual(template.fixedBytes);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("is the notification that alert makes", () => {
    const template = alertTemplate({
      topic: "com.example.App",
      priority: 5,
      aps: {
        alert: { title: "Hello {{name}}", body: "{{ count }} of {{total}}", "loc-args": ["{{name}}", "{{count}}"] },
        badge: "{{count}}",
        "thread-id": "{{chat}}",
        "interruption-level": "{{level}}",
      },
      custom: { order: "{{order}}", at: "{{at}}", list: ["{{name}}"] },
      collapseId: "chat-{{chat}}",
      expiration: "{{until}}",
      defaults: { total: 9, level: "active" },
    });
    expect(template.fields).toEqual(["name", "count", "total", "chat", "level", "order", "at", "until"]);
    const at = new Date(1_800_000_000_000);
    const order = { id: 7, lines: [{ text: '"A"' }] };
    expect(template.fill({ name: "Ada", count: 3, chat: 12, order, at, until: at, unused: 1 })).toEqual(
      alert({
        topic: "com.example.App",
        priority: 5,
        aps: {
          alert: { title: "Hello Ada", body: "3 of 9", "loc-args": ["Ada", "3"] },
          badge: 3,
          "thread-id": "12",
          "interruption-level": "active",
        },
        custom: { order, at, list: ["Ada"] },
        collapseId: "chat-12",
        expiration: at,
      }),
    );
  });

  test("is not changed by the next one", () => {
    const template = alertTemplate({ aps: { alert: "Hi {{name}}" } });
    const all = Array.from({ length: 300 }, (_, index) => template.fill({ name: `n${index}`.repeat(index) }));
    for (const [index, one] of all.entries())
      expect(read(one)).toEqual({ aps: { alert: `Hi ${`n${index}`.repeat(index)}` } });
    expect(Object.isFrozen(all[0])).toBe(true);
  });

  test("goes over any transport, by send and sendAll", async () => {
    const transport = new InMemoryTransport();
    const template = alertTemplate({ aps: { alert: "Hi {{name}}" } });
    const items = ["Ada", "Bob"].map((name, index) => ({
      notification: template.fill({ name }),
      deviceToken: `0${index}ff`,
    }));
    await sendAll(transport, items).summary();
    expect(transport.sent.map((sent) => read(sent.notification))).toEqual([
      { aps: { alert: "Hi Ada" } },
      { aps: { alert: "Hi Bob" } },
    ]);
    await transport.close();
  });

  test("is shortened for the device that it does not fit, between two graphemes", () => {
    const template = alertTemplate({
      aps: { alert: { title: "Hi", body: "{{text}}" } },
      fit: "truncate",
      payloadLimit: 100,
    });
    const room = template.limitBytes - template.fixedBytes;
    expect(template.fill({ text: "x".repeat(room) }).truncated).toEqual([]);
    const cut = template.fill({ text: "👩‍👩‍👧".repeat(20) });
    expect(cut).toEqual(
      alert({ aps: { alert: { title: "Hi", body: "👩‍👩‍👧".repeat(20) } }, fit: "truncate", payloadLimit: 100 }),
    );
    expect(cut.truncated[0]!.key).toBe("aps.alert.body");
  });

  test.each([
    ["of 9,000 characters", "x".repeat(9000)],
    ["of 4,000 characters of three bytes each", "€".repeat(4000)],
  ])("holds a text %s", (_, text) => {
    const template = notificationTemplate({
      pushType: "x",
      payload: { a: "{{text}}!", b: "{{text}}" },
      payloadLimit: 65_535,
    });
    expect(read(template.fill({ text }))).toEqual({ a: `${text}!`, b: text });
  });
});

function problemOf(make: () => unknown): { name: string; code: string; field: string; message: string } {
  try {
    make();
  } catch (error) {
    const { name, code, field, message } = error as InvalidArgumentError;
    return { name, code, field, message };
  }
  throw new Error("nothing was thrown");
}

describe("a value is refused by the name of its field", () => {
  const template = alertTemplate({
    aps: { alert: "Hi {{name}}", badge: "{{count}}" },
    collapseId: "{{id}}",
    expiration: "{{until}}",
    custom: { number: "{{number}}" },
  });
  const good = { name: "Ada", count: 1, id: "a", until: "once", number: 1 };
  test.each<[string, object, string, string, RegExp]>([
    [
      "a missing one",
      { name: undefined },
      "fields.name",
      "ERR_APNS_MISSING_FIELD",
      /is missing: give a value, or a default/,
    ],
    ["null in a text", { name: null }, "fields.name", "ERR_APNS_MISSING_FIELD", /is missing/],
    [
      "an object in a text",
      { name: {} },
      "fields.name",
      "ERR_APNS_INVALID_ARGUMENT",
      /an object cannot stand in a text/,
    ],
    ["NaN in a text", { name: Number.NaN }, "fields.name", "ERR_APNS_INVALID_ARGUMENT", /NaN cannot stand in a text/],
    [
      "a badge that is a text",
      { count: "3" },
      "fields.count",
      "ERR_APNS_INVALID_ARGUMENT",
      /is not a whole number of at least 0, as aps.badge must be/,
    ],
    ["infinity", { number: Infinity }, "fields.number", "ERR_APNS_INVALID_ARGUMENT", /no number that JSON has/],
    [
      "an invalid Date",
      { number: new Date(Number.NaN) },
      "fields.number",
      "ERR_APNS_INVALID_ARGUMENT",
      /the Date is invalid/,
    ],
    ["a missing collapse id", { id: undefined }, "fields.id", "ERR_APNS_MISSING_FIELD", /is missing/],
    ["a collapse id of 65 bytes", { id: "x".repeat(65) }, "collapseId", "ERR_APNS_INVALID_ARGUMENT", /65 bytes/],
    ["a collapse id of two lines", { id: "a\nb" }, "collapseId", "ERR_APNS_INVALID_ARGUMENT", /control characters/],
    ["a missing expiration", { until: undefined }, "fields.until", "ERR_APNS_MISSING_FIELD", /is missing/],
    [
      "an expiration in seconds",
      { until: 1_900_000_000 },
      "expiration",
      "ERR_APNS_INVALID_ARGUMENT",
      /is not "default", "once" or a Date/,
    ],
  ])("%s", (_, wrong, field, code, message) => {
    expect(read(template.fill(good))).toEqual({ aps: { alert: "Hi Ada", badge: 1 }, number: 1 });
    expect(problemOf(() => template.fill({ ...good, ...wrong }))).toMatchObject({ field, code });
    expect(problemOf(() => template.fill({ ...good, ...wrong })).message).toMatch(message);
  });

  test("what every object has is no value", () => {
    const odd = notificationTemplate({ pushType: "x", payload: { a: "{{constructor}}", b: "{{toString}} " } });
    expect(problemOf(() => odd.fill({}))).toMatchObject({
      field: "fields.constructor",
      code: "ERR_APNS_MISSING_FIELD",
    });
    expect(problemOf(() => odd.fill({ constructor: 1 } as never)).field).toBe("fields.toString");
  });

  test("a payload that is too large says by how much", () => {
    const small = alertTemplate({ aps: { alert: "{{text}}" }, payloadLimit: 50 });
    expect(() => small.fill({ text: "x".repeat(60) })).toThrow(PayloadTooLargeError);
  });
});

describe("a template is refused", () => {
  test.each<[string, () => unknown, string]>([
    [
      "for a key that Apple does not define",
      () => alertTemplate({ aps: { alert: "a", bagde: "{{x}}" } as never }),
      "aps.bagde",
    ],
    [
      "for a constant of the wrong kind",
      () => alertTemplate({ aps: { alert: { title: 3, body: "{{x}}" } } as never }),
      "aps.alert.title",
    ],
    ["for a text around a number", () => alertTemplate({ aps: { badge: "{{x}}0" as never } }), "aps.badge"],
    ["for a misspelt option", () => alertTemplate({ aps: {}, colapseId: "{{x}}" } as never), "colapseId"],
    [
      "for a bad priority",
      () => notificationTemplate({ pushType: "background", priority: 10, payload: {} }),
      "priority",
    ],
    ["for a bad constant collapse id", () => alertTemplate({ aps: {}, collapseId: "x".repeat(65) }), "collapseId"],
    ["for an expiration in a text", () => alertTemplate({ aps: {}, expiration: "at {{x}}" as never }), "expiration"],
    ["for a payload as text", () => notificationTemplate({ pushType: "x", payload: "{}" as never }), "payload"],
    ["for defaults that are no object", () => alertTemplate({ aps: {}, defaults: [] as never }), "defaults"],
    ["for values that are no object", () => alertTemplate({ aps: {} }).fill(null as never), "fields"],
    [
      "for a constant part over the limit",
      () => alertTemplate({ aps: { alert: `${"x".repeat(5000)}{{x}}` } }),
      "payload",
    ],
  ])("%s", (_, make, field) => {
    const problem = problemOf(make);
    expect(problem.field).toBe(field);
    expect(problem.name).toMatch(/^(InvalidArgument|PayloadTooLarge)Error$/);
  });
});
