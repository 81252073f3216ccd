import { expect, test } from "vitest";
import { cutText } from "./cut-text.ts";

test("a longer text keeps its beginning, and says how much is missing", () => {
  expect(cutText("abcdef", 5)).toBe("abcde… (1 more)");
  expect(cutText("x".repeat(62_000), 100)).toBe(`${"x".repeat(100)}… (61900 more)`);
});

test("a text of the greatest length is whole", () => {
  expect(cutText("abcde", 5)).toBe("abcde");
  expect(cutText("", 0)).toBe("");
});

test("no character is cut in halves", () => {
  expect(cutText("ab\u{1f600}c", 3)).toBe("ab… (3 more)");
  expect(cutText("ab\u{1f600}c", 4)).toBe("ab\u{1f600}… (1 more)");
});

test("halves that a peer sends alone count as characters", () => {
  expect(cutText("ab\ud83d\ud83dc", 3)).toBe("ab\ud83d… (2 more)");
  expect(cutText("ab\ude00c", 3)).toBe("ab\ude00… (1 more)");
});
