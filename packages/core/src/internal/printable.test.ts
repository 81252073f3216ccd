import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableJson } from "./printable.js";

test.each([
  ["an escape sequence", "\u001b[2J\u001b]0;title\u0007", String.raw`\u001b[2J\u001b]0;title\u0007`],
  ["C1 controls", "\u009b31m\u0085", String.raw`\u009b31m\u0085`],
  ["DEL and NUL", "a\u007f\u0000", String.raw`a\u007f\u0000`],
  ["line breaks and tabs", "a\r\nb\tc", String.raw`a\r\nb\tc`],
  ["separators", "a\u2028b\u2029", String.raw`a\u2028b\u2029`],
  ["bidirectional controls", "\u202eexe.txt\u2066\u200f\u061c", String.raw`\u202eexe.txt\u2066\u200f\u061c`],
])("%s are made visible", (_, text, expected) => {
  expect(printable(text)).toBe(expected);
});

test("other characters stay", () => {
  const text = "Grüße, 日本語 👩‍👩‍👧 \\n $'\"`";
  expect(printable(text)).toBe(text);
});

/** By the code, so that no class of the implementation judges itself. */
const steers = (text: string): boolean =>
  [...text].some((character) => {
    const code = character.charCodeAt(0);
    const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f);
    const reorders = code === 0x61c || (code >= 0x200e && code <= 0x200f) || (code >= 0x2066 && code <= 0x2069);
    return isControl || reorders || (code >= 0x2028 && code <= 0x202e);
  });

test("no output has control characters, and escaped JSON parses to the same value", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom(undefined, 2), (text, indent) => {
      expect(steers(printable(text))).toBe(false);
      const json = printableJson({ [text]: [text] }, indent);
      expect(steers(json.replaceAll("\n", ""))).toBe(false);
      expect(JSON.parse(json)).toEqual({ [text]: [text] });
    }),
  );
});
