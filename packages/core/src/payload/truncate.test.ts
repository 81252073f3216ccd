import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  alert,
  InvalidArgumentError,
  liveActivity,
  type Notification,
  notification,
  PayloadTooLargeError,
} from "../index.js";

const family = "👨‍👩‍👧‍👦"; // one grapheme of 25 bytes
const flags = "🇩🇪🇫🇷🇯🇵"; // three graphemes of two code points each
const accented = "e\u0301"; // one grapheme of a letter and a combining mark

interface Payload {
  readonly aps: { readonly alert: { readonly body: string; readonly title?: string; readonly subtitle?: string } };
}
const decode = (made: Notification): string => new TextDecoder("utf-8", { fatal: true }).decode(made.encodedPayload);
const payloadOf = (made: Notification) => JSON.parse(decode(made)) as Payload;
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

/** What an alert of this body becomes when the payload may have so many bytes more than one with an empty body. */
function bodyIn(roomBytes: number, body: string) {
  const payloadLimit = bytesOf({ aps: { alert: { body: "" } } }) + roomBytes;
  const made = alert({ aps: { alert: { body } }, fit: "truncate", payloadLimit });
  return { body: payloadOf(made).aps.alert.body, truncated: made.truncated };
}

describe("fit: truncate", () => {
  test("leaves a payload that fits", () => {
    const made = alert({ aps: { alert: { body: "x".repeat(4067) } }, fit: "truncate" });
    expect(made.encodedPayload.length).toBe(4096);
    expect(made.truncated).toEqual([]);
    expect(bodyIn(5, "Hello")).toEqual({ body: "Hello", truncated: [] });
  });

  test.each([
    ["at the end of a letter", 7, "Hello world", "Hell…", 4],
    ["not within a flag, nor between two halves of two flags", 14, flags, "🇩🇪…", 8],
    ["at the end of a flag", 19, flags, "🇩🇪🇫🇷…", 16],
    ["not within a family", 27, `ab${family}c`, "ab…", 2],
    ["behind a family", 31, `ab${family}cdefg`, `ab${family}c…`, 28],
    ["not between a letter and its accent", 7, accented.repeat(3), `${accented}…`, 3],
    ["not within the escape of a quote", 6, '""""', '"…', 2],
    ["not within the escape of a control character", 12, "\u0001\u0002\u0003", "\u0001…", 6],
    ["not between a carriage return and its line feed", 6, "a\r\nb\r\n", "a…", 1],
    ["not between the halves of a character", 6, "a𝒳𝒴", "a…", 1],
    ["not behind a joiner", 14, "नमस्ते दुनिया", "नम…", 6],
  ])("cuts %s", (_, room, given, body, keptBytes) => {
    const removedBytes = bytesOf(given) - 2 - keptBytes;
    expect(bodyIn(room, given)).toEqual({ body, truncated: [{ key: "aps.alert.body", removedBytes, keptBytes }] });
  });

  test("leaves nothing but the ellipsis where not even one grapheme fits", () => {
    expect(bodyIn(27, family.repeat(2)).body).toBe("…");
    expect(() => bodyIn(2, family)).toThrow(PayloadTooLargeError);
  });

  test("cuts an alert that is a text itself", () => {
    const made = alert({ aps: { alert: "x".repeat(5000) }, fit: "truncate" });
    expect(made.encodedPayload.length).toBe(4096);
    expect(made.truncated).toEqual([{ key: "aps.alert", removedBytes: 5000 - 4073, keptBytes: 4073 }]);
  });

  test("cuts the title only when the body is used up, and then the subtitle", () => {
    const texts = { body: "b".repeat(100), title: "t".repeat(100), subtitle: "s".repeat(100) };
    const empty = bytesOf({ aps: { alert: { body: "", title: "", subtitle: "" } } });
    const cut = (roomBytes: number) => {
      const made = alert({ aps: { alert: texts }, fit: "truncate", payloadLimit: empty + roomBytes });
      const { body, title, subtitle } = payloadOf(made).aps.alert;
      return [body.length, title!.length, subtitle!.length, made.truncated.map(({ key }) => key).join()];
    };
    // A text of 100 bytes that becomes an ellipsis (3 bytes, one character) has lost 97.
    expect(cut(299)).toEqual([97, 100, 100, "aps.alert.body"]);
    expect(cut(203)).toEqual([1, 100, 100, "aps.alert.body"]);
    expect(cut(202)).toEqual([1, 97, 100, "aps.alert.body,aps.alert.title"]);
    expect(cut(106)).toEqual([1, 1, 100, "aps.alert.body,aps.alert.title"]);
    expect(cut(105)).toEqual([1, 1, 97, "aps.alert.body,aps.alert.title,aps.alert.subtitle"]);
    expect(cut(9)).toEqual([1, 1, 1, "aps.alert.body,aps.alert.title,aps.alert.subtitle"]);
    expect(() => cut(8)).toThrow(PayloadTooLargeError);
  });

  test("gives a text the room that a later one cannot use", () => {
    const texts = { body: "body", title: family.repeat(2) };
    const empty = bytesOf({ aps: { alert: { body: "", title: "" } } });
    const made = alert({ aps: { alert: texts }, fit: "truncate", payloadLimit: empty + 4 + 3 + 25 });
    expect(payloadOf(made).aps.alert).toEqual({ body: "body", title: `${family}…` });
    expect(made.truncated).toEqual([{ key: "aps.alert.title", removedBytes: 25, keptBytes: 25 }]);
  });

  test("cuts the keys of your choice, in your order, also ones whose names hold dots", () => {
    const custom = { "com.example.note": "n".repeat(3000), list: [{ text: "l".repeat(3000) }], number: 7 };
    const made = alert({
      aps: { alert: "Hi" },
      custom,
      fit: { truncate: ["absent.key", "number", "com.example.note", "list.0.text", "com.example.note"] },
    });
    expect(made.encodedPayload.length).toBe(4096);
    expect(made.truncated.map(({ key }) => key)).toEqual(["com.example.note"]);
    expect(JSON.parse(decode(made)).list[0].text).toHaveLength(3000);
    const small = alert({
      aps: {},
      custom,
      fit: { truncate: ["com.example.note", "list.0.text"] },
      payloadLimit: 2000,
    });
    expect(small.encodedPayload.length).toBe(2000);
    expect(small.truncated.map(({ key }) => key)).toEqual(["com.example.note", "list.0.text"]);
  });

  test("cuts Live Activities' alerts and states, and leaves looked-up texts alone", () => {
    const made = liveActivity.update({
      aps: {
        timestamp: 1,
        "content-state": { message: "m".repeat(6000) },
        alert: { title: { "loc-key": "T" }, body: "b".repeat(100) },
      },
      fit: { truncate: ["aps.content-state.message"] },
    });
    expect(made.encodedPayload.length).toBe(4096);
    expect(payloadOf(made).aps.alert.body).toHaveLength(100);
  });

  test("never changes a payload given as text or bytes", () => {
    const text = JSON.stringify({ aps: { alert: { body: "x".repeat(5000) } } });
    for (const payload of [text, new TextEncoder().encode(text)]) {
      expect(() => notification({ pushType: "alert", payload, fit: "truncate" })).toThrow(PayloadTooLargeError);
    }
  });

  test("throws PayloadTooLargeError when cutting is not enough", () => {
    expect(() => alert({ aps: { alert: "Hi" }, custom: { data: "x".repeat(5000) }, fit: "truncate" })).toThrow(
      expect.objectContaining({ sizeBytes: 5032, largestKeys: [{ key: "data", sizeBytes: 5002 }, expect.anything()] }),
    );
    expect(() => alert({ aps: { alert: "Hi" }, fit: {} as never })).toThrow(InvalidArgumentError);
  });

  test("takes time linear in the text", () => {
    // Quadratic work on so much would take minutes, and the test's time-out would end it.
    for (const unit of ["x", family, accented, "🇩🇪", '"', "\u0300"]) {
      const made = alert({ aps: { alert: unit.repeat(1_000_000) }, fit: "truncate" });
      expect(made.encodedPayload.length).toBeLessThanOrEqual(4096);
    }
  });
});

describe("whatever the texts and the limit", () => {
  // Texts of what is hard to cut: escapes, pairs and halves of them, marks, joiners, flags, prepended characters.
  const pieces = [
    "a",
    "é",
    "€",
    "𝒳",
    accented,
    family,
    "🇩🇪",
    "🇩",
    "👍🏽",
    "न",
    "्",
    "\u200d",
    "\u0600",
    "\u1100",
    "\u1161",
  ];
  const escapes = ['"', "\\", "\n", "\r\n", "\u0000", "\u001f", "\u007f", "\u2028", "\ud800", "\udc00"];
  const piece = fc.oneof(
    fc.constantFrom(...pieces),
    fc.constantFrom(...escapes),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(""));
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const graphemes = (of: string): string[] => [...segmenter.segment(of)].map(({ segment }) => segment);

  /** What is left of a text at worst. */
  const leastOf = (of: string): string => (bytesOf(of) - 2 <= 3 ? of : "…");

  const keys = ["body", "title", "subtitle"] as const;

  test("the payload is valid, within the limit, cut between graphemes, and no grapheme more would have fit", () => {
    fc.assert(
      fc.property(fc.record({ body: text, title: text, subtitle: text }), fc.nat(400), (texts, extra) => {
        const payload = { aps: { alert: texts, badge: 1 }, custom: "🇩" };
        const payloadLimit = 40 + extra;
        let made: Notification;
        try {
          made = notification({ pushType: "alert", payload, fit: "truncate", payloadLimit });
        } catch (error) {
          // Only when not even ellipses would fit.
          expect(error).toBeInstanceOf(PayloadTooLargeError);
          const least = Object.fromEntries(keys.map((key) => [key, leastOf(texts[key])]));
          expect(bytesOf({ ...payload, aps: { alert: least, badge: 1 } })).toBeGreaterThan(payloadLimit);
          return;
        }
        const size = made.encodedPayload.length;
        expect(size).toBeLessThanOrEqual(payloadLimit);
        const result = JSON.parse(decode(made)) as typeof payload;
        // Nothing but the texts has changed, and those that are not named as cut have not.
        expect({ ...result, aps: { ...result.aps, alert: texts } }).toEqual(payload);
        const cut = new Map(made.truncated.map((entry) => [entry.key, entry]));
        for (const key of keys) {
          const entry = cut.get(`aps.alert.${key}`);
          if (entry === undefined) {
            expect(result.aps.alert[key]).toBe(texts[key]);
            continue;
          }
          expect(result.aps.alert[key].endsWith("…")).toBe(true);
          const kept = result.aps.alert[key].slice(0, -1);
          const all = graphemes(texts[key]);
          const count = all.findIndex((_, index) => all.slice(0, index).join("") === kept);
          expect(count).toBeGreaterThanOrEqual(0);
          expect(entry.keptBytes).toBe(bytesOf(kept) - 2);
          expect(entry.removedBytes).toBe(bytesOf(texts[key]) - bytesOf(kept));
          // One grapheme more, and no ellipsis if that is the whole text.
          const longer = kept + all[count]! + (count + 1 === all.length ? "" : "…");
          expect(size + bytesOf(longer) - bytesOf(result.aps.alert[key])).toBeGreaterThan(payloadLimit);
        }
        // A text is cut only if it is not enough to give up all the less precious ones.
        const last = keys.findLastIndex((key) => cut.has(`aps.alert.${key}`));
        const without = Object.fromEntries(
          keys.map((key, index) => [key, index < last ? leastOf(texts[key]) : texts[key]]),
        );
        if (last !== -1)
          expect(bytesOf({ ...payload, aps: { alert: without, badge: 1 } })).toBeGreaterThan(payloadLimit);
        else expect(size).toBe(bytesOf(payload));
      }),
      { numRuns: 3000 },
    );
  });
});
