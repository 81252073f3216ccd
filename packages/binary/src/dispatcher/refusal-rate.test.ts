import { expect, test } from "vitest";
import { RefusalRate } from "./refusal-rate.js";

test("without refusals the window is all it may be, and nothing is recent", () => {
  const rate = new RefusalRate();
  expect([rate.window(10_000), rate.recentRefusals]).toEqual([10_000, 0]);
  rate.countConnection(10_000, false);
  expect([rate.window(10_000), rate.recentRefusals]).toEqual([10_000, 0]);
});

test("the window settles at three times the usual distance between refusals, within its bounds", () => {
  for (const [accepted, max, window] of [
    [99, 10_000, 298],
    [4, 10_000, 16],
    [0, 10_000, 16],
    [0, 5, 5],
    [50_000, 10_000, 10_000],
  ] as const) {
    const rate = new RefusalRate();
    for (let connection = 0; connection < 200; connection++) rate.countConnection(accepted, true);
    expect(rate.window(max)).toBe(window);
    expect(rate.recentRefusals).toBeCloseTo(10, 5);
  }
});

test("one refusal among many clean connections hardly matters", () => {
  const rate = new RefusalRate();
  for (let connection = 0; connection < 10; connection++) rate.countConnection(10_000, false);
  rate.countConnection(3, true);
  expect(rate.window(10_000)).toBe(10_000);
  expect(rate.recentRefusals).toBe(1);
});

test("the window grows back as connections end without a refusal, and refusals are forgotten", () => {
  const rate = new RefusalRate();
  for (let connection = 0; connection < 200; connection++) rate.countConnection(9, true);
  const windows: number[] = [];
  while (windows.at(-1) !== 10_000) {
    windows.push(rate.window(10_000));
    rate.countConnection(windows.at(-1)!, false);
  }
  expect(windows.slice(0, 3)).toEqual([28, 37, 51]);
  expect(windows).toEqual([...windows].sort((a, b) => a - b));
  expect(windows.length).toBeLessThan(25);
  while (rate.recentRefusals > 0) rate.countConnection(10_000, false);
  expect(rate.window(10_000)).toBe(10_000);
});
