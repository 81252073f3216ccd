import { expect, test } from "vitest";
import { RefusalBackOff } from "./refusal-back-off.js";

test("the wait doubles up to its limit, varies by half, and ends with success", () => {
  for (const [random, waits] of [
    [0, [0, 50, 100, 200, 200]],
    [1, [0, 100, 200, 400, 400]],
  ] as const) {
    const backOff = new RefusalBackOff({ baseMs: 100, maxMs: 400, random: () => random });
    const seen = waits.map(() => {
      const { delayMs } = backOff;
      backOff.failed();
      return delayMs;
    });
    expect(seen).toEqual(waits);
    backOff.succeeded();
    expect([backOff.delayMs, backOff.failures]).toEqual([0, 0]);
  }
});

test("connections spent on one refusal each are slowed down after ten, up to a second", () => {
  const backOff = new RefusalBackOff({ baseMs: 100, maxMs: 400 });
  const waits = Array.from({ length: 100 }, () => {
    backOff.refused();
    return backOff.delayMs;
  });
  expect([waits[0], waits[9], waits[10], waits[11], waits[99]]).toEqual([0, 0, 20, 40, 1000]);
  backOff.succeeded();
  expect(backOff.delayMs).toBe(0);
});
