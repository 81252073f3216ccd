import { describe, expect, test } from "vitest";
import { indexOf, Workload } from "./workload.js";

const options = { count: 20_000, badPercent: 1, unregisteredPercent: 0.5, seed: 7 };

describe("the workload", () => {
  test("is the same for the same seed, and another for another", () => {
    const kinds = (seed: number): string =>
      Array.from({ length: 2000 }, (_, index) => new Workload({ ...options, seed }).kind(index)).join();
    expect(kinds(7)).toBe(kinds(7));
    expect(kinds(8)).not.toBe(kinds(7));
  });

  test("holds about the shares asked for, spread over all of it", () => {
    const workload = new Workload(options);
    const places = { bad: [] as number[], unregistered: [] as number[], good: [] as number[] };
    for (let index = 0; index < options.count; index++) places[workload.kind(index)].push(index);
    expect(places.bad.length).toBeGreaterThan(150);
    expect(places.bad.length).toBeLessThan(250);
    expect(places.unregistered.length).toBeGreaterThan(70);
    expect(places.unregistered.length).toBeLessThan(130);
    const inFirstHalf = places.bad.filter((index) => index < options.count / 2).length;
    expect(Math.abs(inFirstHalf / places.bad.length - 0.5)).toBeLessThan(0.15);
  });

  test("gives each device a token of its own that tells which device it is", () => {
    const tokens = [...new Workload(options).deviceTokens()];
    expect(new Set(tokens).size).toBe(options.count);
    expect(tokens.every((token) => /^[0-9a-f]{64}$/.test(token))).toBe(true);
    expect(tokens.every((token, index) => indexOf(token) === index)).toBe(true);
  });
});
