import { expect, test } from "vitest";
import { BackOff, backOffDelayMs } from "./back-off.js";

test("delays double up to the longest one, vary by half, and start over after a success", () => {
  const bounds = { baseMs: 100, maxMs: 10_000 };
  const longest = new BackOff({ ...bounds, random: () => 1 });
  const shortest = new BackOff({ ...bounds, random: () => 0 });
  expect(longest.delayMs).toBe(0);
  const delays: number[][] = [];
  for (let failures = 0; failures < 9; failures++) {
    longest.failed();
    shortest.failed();
    delays.push([shortest.delayMs, longest.delayMs]);
  }
  expect(delays).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [400, 800],
    [800, 1600],
    [1600, 3200],
    [3200, 6400],
    [5000, 10_000],
    [5000, 10_000],
  ]);
  expect(longest.failures).toBe(9);
  longest.succeeded();
  expect([longest.delayMs, longest.failures]).toEqual([0, 0]);
});

test("a thousand failures are no overflow", () => {
  expect(backOffDelayMs(1000, { baseMs: 100, maxMs: 400, random: () => 1 })).toBe(400);
  expect(backOffDelayMs(0, { baseMs: 100, maxMs: 400 })).toBe(0);
});
