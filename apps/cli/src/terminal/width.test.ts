import { describe, expect, test } from "vitest";
import { cut, displayWidth, wrap } from "./width.js";

describe("the width of text", () => {
  test.each([
    ["abc", 3],
    ["Jürgen …", 8],
    ["日本", 4],
    ["🎉", 2],
    ["█░ →", 4],
  ])("%s takes at most %i columns", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

test("a text is cut to its columns, and the cut is marked", () => {
  expect(cut("abcdef", 6)).toBe("abcdef");
  expect(cut("abcdef", 5)).toBe("abcd…");
  expect(cut("日本語", 5)).toBe("日本…");
  expect(cut("日本語", 4)).toBe("日…");
  expect(cut("abc", 0)).toBe("");
});

test("paragraphs are wrapped, lists are not, and a long word stands alone", () => {
  expect(wrap("one two\nthree\n\n  1  kept as it is\n  2  too\nsupercalifragilistic x", 10)).toBe(
    "one two\nthree\n\n  1  kept as it is\n  2  too\nsupercalifragilistic\nx",
  );
});
