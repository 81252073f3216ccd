import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrainDeadline } from "./drain-deadline.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("the shortest time counts, whatever the order", async () => {
  const deadline = new DrainDeadline();
  let passed = false;
  void deadline.passed.then(() => {
    passed = true;
  });
  deadline.within(10_000);
  deadline.within(100);
  deadline.within(5_000);
  expect([deadline.timeoutMs, deadline.remainingMs]).toEqual([100, 100]);
  await vi.advanceTimersByTimeAsync(99);
  expect(passed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(passed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("a cancelled one sets no timer any more", () => {
  const deadline = new DrainDeadline();
  deadline.within(10_000);
  deadline.cancel();
  deadline.within(1);
  expect(vi.getTimerCount()).toBe(0);
});
