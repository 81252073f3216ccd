import { expect, test } from "vitest";
import { isMet, ratioGoal, rowGoal } from "./goals.js";

test("a bound counts as met, and what was not measured is neither met nor missed", () => {
  const ratios = { "a / b": 1.3, "a / c": null };
  expect(isMet(ratioGoal(ratios, "a / b", { atLeast: 1.3 }))).toBe(true);
  expect(isMet(ratioGoal(ratios, "a / b", { atLeast: 1.31 }))).toBe(false);
  expect(isMet(ratioGoal(ratios, "a / b", { atMost: 1.3 }))).toBe(true);
  expect(isMet(ratioGoal(ratios, "a / b", { atMost: 1.29 }))).toBe(false);
  expect(isMet(ratioGoal(ratios, "a / c", { atLeast: 0 }))).toBeNull();
  expect(isMet(ratioGoal(ratios, "a / d", { atLeast: 0 }))).toBeNull();
});

test("a goal of a row says which figure it is about", () => {
  const row = {
    name: "x",
    perSecond: 5,
    cpuSecondsPer100k: null,
    peakRssMiB: 90,
    p50Ms: null,
    p99Ms: null,
    failed: 0,
  };
  expect(rowGoal([row], "x", "peakRssMiB", { atMost: 200 })).toEqual({
    name: "x: peak RSS, MiB",
    atMost: 200,
    measured: 90,
  });
  expect(rowGoal([row], "y", "peakRssMiB", { atMost: 200 }).measured).toBeNull();
});
