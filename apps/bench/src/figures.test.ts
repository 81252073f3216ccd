import { expect, test } from "vitest";
import { type Figures, medianRatio, medianRow } from "./figures.js";

const none: Figures = {
  perSecond: null,
  cpuSecondsPer100k: null,
  peakRssMiB: null,
  p50Ms: null,
  p99Ms: null,
  failed: null,
};
const rounds = (...perSecond: number[]): Figures[] =>
  perSecond.map((value) => ({ ...none, perSecond: value, failed: 1 }));

test("a row holds medians, sums its failures, and leaves null what was not measured", () => {
  expect(medianRow("x", rounds(5, 1, 100))).toEqual({ ...none, name: "x", perSecond: 5, failed: 3 });
  expect(medianRow("x", rounds(1, 3))).toMatchObject({ perSecond: 2 });
  expect(medianRow("x", [])).toEqual({ ...none, name: "x", failed: 0 });
});

test("a ratio is the median of the quotients within each round, whatever the machine did between them", () => {
  expect(medianRatio(rounds(10, 100, 1000), rounds(5, 50, 500), "perSecond")).toBe(2);
  expect(medianRatio(rounds(10, 90, 40), rounds(5, 30, 10), "perSecond")).toBe(3);
  expect(medianRatio(rounds(1), [none], "perSecond")).toBeNull();
  expect(medianRatio(rounds(1), rounds(0), "perSecond")).toBeNull();
});
