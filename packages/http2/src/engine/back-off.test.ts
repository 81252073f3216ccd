import { expect, test } from "vitest";
import { BackOff } from "./back-off.js";

test("delays double from a tenth of a second to ten seconds, vary by half, and start over after a success", () => {
  const longest = new BackOff(() => 1);
  const shortest = new BackOff(() => 0);
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
  longest.succeeded();
  expect(longest.delayMs).toBe(0);
});
