import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CircuitBreaker } from "./circuit-breaker.ts";
import type { Delivery } from "./delivery.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const named = (name: string): Delivery => ({ deviceToken: name }) as Delivery;

function breaker(): { readonly breaker: CircuitBreaker; readonly sent: string[] } {
  const sent: string[] = [];
  return { breaker: new CircuitBreaker(({ deviceToken }) => void sent.push(deviceToken)), sent };
}

test("open, it keeps deliveries and probes with another one each time, less and less often", () => {
  const { breaker: one, sent } = breaker();
  const delays = [one.trip(named("a"))];
  expect(one.isClosed).toBe(false);
  // In flight when the breaker opened.
  expect(one.trip(named("b"))).toBeUndefined();
  for (let probe = 1; probe < 8; probe++) {
    vi.advanceTimersByTime(delays.at(-1)! - 1);
    expect(sent).toHaveLength(probe - 1);
    vi.advanceTimersByTime(1);
    expect(sent).toHaveLength(probe);
    delays.push(one.trip(named(sent.at(-1)!)));
  }
  expect(sent).toEqual(["a", "b", "a", "b", "a", "b", "a"]);
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("deliveries that arrive during a probe are kept, and the probe's failure is still told", () => {
  const { breaker: one, sent } = breaker();
  one.trip(named("a"));
  vi.advanceTimersByTime(1_000);
  one.keep(named("b"));
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual(["a"]);
  expect(one.trip(named("a"))).toBe(2_000);
  expect(one.size).toBe(2);
});

test("once a probe gets through, all follow in their order, and the next opening starts over", () => {
  const { breaker: one, sent } = breaker();
  one.trip(named("a"));
  one.keep(named("b"));
  one.keep(named("c"));
  vi.advanceTimersByTime(1_000);
  one.reset();
  expect([one.isClosed, one.size, sent]).toEqual([true, 0, ["a", "b", "c"]]);
  expect(one.trip(named("d"))).toBe(1_000);
});

test("a probe without an answer is followed by another one, or closes the breaker when there is none", () => {
  const { breaker: one, sent } = breaker();
  one.trip(named("a"));
  one.keep(named("b"));
  vi.advanceTimersByTime(1_000);
  one.probeInconclusive();
  expect(one.isClosed).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(sent).toEqual(["a", "b"]);
  one.probeInconclusive();
  expect(one.isClosed).toBe(true);
});

test("cleared, it gives back what it kept and sends nothing any more", () => {
  const { breaker: one, sent } = breaker();
  one.trip(named("a"));
  expect(one.clear().map(({ deviceToken }) => deviceToken)).toEqual(["a"]);
  one.probeNow();
  vi.advanceTimersByTime(60_000);
  expect([one.isClosed, sent]).toEqual([true, []]);
});
