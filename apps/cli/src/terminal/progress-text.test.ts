import { describe, expect, test } from "vitest";
import { type Progress, progressText } from "./progress-text.js";
import { displayWidth } from "./width.js";

const state: Progress = { done: 10_352, total: 1_000_000, elapsedMs: 1000, note: "BadDeviceToken 3, Unregistered 12" };

describe("a line of progress", () => {
  test.each([20, 40, 60, 80, 120, 200])("fits %i columns, and no figure is written over another", (columns) => {
    const text = progressText(state, columns);
    expect(displayWidth(text)).toBeLessThanOrEqual(columns);
    if (columns >= 60) expect(text).toContain("1%  10352/1000000  10352/s  ETA 1m36s  BadDeviceToken");
  });

  test("has a bar where there is room, and a mark where the note is cut", () => {
    expect(progressText(state, 120)).toMatch(/^░{40} 1% {2}.*Unregistered 12$/);
    expect(progressText(state, 60)).toMatch(/^1% {2}.*…$/);
  });

  test("without a total counts, and at the start estimates nothing", () => {
    expect(progressText({ ...state, total: undefined }, 80)).toBe(
      "10352 done  10352/s  BadDeviceToken 3, Unregistered 12",
    );
    expect(progressText({ done: 0, total: 5, elapsedMs: 0, note: "" }, 30)).toBe("░░░░░░░░░░░░░░░░░ 0%  0/5  0/s");
  });
});
