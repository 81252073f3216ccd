import { expect, it } from "vitest";
import { tokenPattern } from "./token-pattern.js";

const token = "00ff".repeat(16);

it.each([
  ["00ff", true],
  ["00FF00", true],
  ["ff", false],
  [token, true],
  [`${token}00`, false],
  ["*", true],
  ["*ff", true],
  ["*00", false],
  ["00*ff", true],
  ["?0*f?", true],
  ["0*f0*0f*", true],
  ["?".repeat(64), true],
  ["?".repeat(63), false],
  [`${token}*`, true],
  [`${token}?`, false],
  ["**0**", true],
  ["", true],
  [".*", false],
])("%j fits: %s", (pattern, expected) => {
  expect(tokenPattern(pattern)(token)).toBe(expected);
});

it("agrees with regular expressions", () => {
  const letters = ["a", "b", "*", "?"];
  const texts = ["", "a", "ab", "ba", "aab", "abab", "bbaa", "abba"];
  const differing: string[] = [];
  for (let number = 0; number < 4 ** 5; number++) {
    const pattern = Array.from({ length: 5 }, (_, place) => letters[Math.floor(number / 4 ** place) % 4]).join("");
    if (!/[*?]/.test(pattern)) continue;
    const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
    for (const text of texts)
      if (tokenPattern(pattern)(text) !== expression.test(text)) differing.push(`${pattern} on "${text}"`);
  }
  expect(differing).toEqual([]);
});

// As a regular expression this one keeps a core busy for longer than anybody waits.
it("comes to an end with many stars", () => {
  expect(tokenPattern(`${"*a".repeat(40)}b`)("a".repeat(64))).toBe(false);
});
