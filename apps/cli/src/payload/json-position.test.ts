import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapJson } from "./json-position.js";

describe("places in JSON", () => {
  const text = '{\n  "aps": {\n    "alert": { "bo\\u0064y": "é" },\n    "list": [{"a": 1}]\n  }\n}';

  test.each([
    ["aps", { line: 2, column: 3 }],
    ["aps.alert.body", { line: 3, column: 16 }],
    ["aps.alert.title", { line: 3, column: 5 }],
    ["aps.list.0.a", { line: 4, column: 15 }],
    ["nothing", undefined],
    ["", undefined],
  ])("of %s", (path, position) => {
    expect(mapJson(text).positionOf(path)).toEqual(position);
    expect(mapJson(text).faultAt).toBeUndefined();
  });

  test.each([
    ['{"a":1,}', 8],
    ["{'a':1}", 2],
    ['{"a" 1}', 6],
    ['{"a":01}', 7],
    ['{"a":"x\ty"}', 6],
    ["[1 2]", 4],
    ["", 1],
    ["{} x", 4],
    ['"\\x"', 1],
    ["[".repeat(5000), 502],
  ])("where %s stops being JSON", (broken, column) => {
    expect(mapJson(broken).faultAt).toEqual({ line: 1, column });
  });

  test("every JSON is JSON, and nothing else is", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(mapJson(json).faultAt).toBeUndefined();
      }),
    );
    const parses = (given: string): boolean => {
      try {
        JSON.parse(given);
        return true;
      } catch {
        return false;
      }
    };
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"a"',
      ":",
      ",",
      "1",
      "-",
      "0",
      ".5",
      "e3",
      "true",
      "nul",
      " ",
      "\n",
      "\\",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const given = parts.join("");
        expect(mapJson(given).faultAt === undefined).toBe(parses(given));
      }),
      { numRuns: 2000 },
    );
  });
});
