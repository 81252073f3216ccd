import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { readyText } from "../terminal/text.js";
import { displayWidth } from "../terminal/width.js";
import { type Cell, tableLines } from "./live-table.js";

const cells = (...texts: string[]): Cell[] => texts.map((text) => ({ text }));
const rows = [
  cells("at", "wire", "device token", "verdict", "payload"),
  cells(
    "12:34:56.789",
    "http2",
    "abababab…bababab",
    "accepted",
    '{"aps":{"alert":"こんにちは、世界。日本語の長い通知"}}',
  ),
  cells("12:34:56.790", "binary", "cdcd", "BadDeviceToken", '{"aps":{"badge":1}}'),
];

describe("the live table", () => {
  test.each([10, 40, 59, 79, 199])("fits %i columns", (columns) => {
    const lines = tableLines(rows, columns).map(({ painted, width }) => {
      const text = stripVTControlCharacters(readyText(painted));
      expect(displayWidth(text)).toBe(width);
      return width;
    });
    expect(Math.max(...lines)).toBeLessThanOrEqual(columns);
  });

  test("keeps the verdict where there is little room, and cuts the payload", () => {
    const lines = tableLines(rows, 66).map(({ painted }) => stripVTControlCharacters(readyText(painted)));
    expect(lines).toEqual([
      "at            wire    device token      verdict         payload",
      '12:34:56.789  http2   abababab…bababab  accepted        {"aps":{"…',
      '12:34:56.790  binary  cdcd              BadDeviceToken  {"aps":{"…',
    ]);
  });
});
