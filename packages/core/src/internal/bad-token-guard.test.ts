import { describe, expect, test } from "vitest";
import { BadTokenGuard } from "./bad-token-guard.js";

/** How many of `count` refusals are believed. */
function believed(guard: BadTokenGuard, count: number, scope = "app"): number {
  let sum = 0;
  for (let index = 0; index < count; index++) if (guard.believes(scope)) sum++;
  return sum;
}

describe("a guard with a share", () => {
  const make = (): BadTokenGuard => new BadTokenGuard({ perAccepted: 0.1, capacity: 5 });

  test("believes no refusal while nothing was accepted", () => {
    expect(believed(make(), 500)).toBe(0);
  });

  test("believes no more than the share of what was accepted", () => {
    const guard = make();
    for (let index = 0; index < 9; index++) guard.accepted("app");
    expect(believed(guard, 10)).toBe(0);
    guard.accepted("app");
    expect(believed(guard, 10)).toBe(1);
    expect(guard.isExhausted("app")).toBe(true);
  });

  test("believes no more than its capacity once everything is refused, however much was accepted before", () => {
    const guard = make();
    for (let index = 0; index < 100_000; index++) guard.accepted("app");
    expect(believed(guard, 100_000)).toBe(5);
  });

  test("an acceptance in one scope makes nothing credible in another", () => {
    const guard = make();
    for (let index = 0; index < 1000; index++) guard.accepted("app");
    expect(believed(guard, 500, "app.voip")).toBe(0);
  });

  test("forgets a scope on reset, and the least recently used one beyond a thousand", () => {
    const guard = new BadTokenGuard({ perAccepted: 1, capacity: 1 });
    for (const scope of ["a", "b"]) guard.accepted(scope);
    guard.reset("a");
    expect([guard.isExhausted("a"), guard.isExhausted("b")]).toEqual([true, false]);
    for (let index = 0; index < 1000; index++) guard.accepted(`scope ${index}`);
    expect([guard.isExhausted("b"), guard.isExhausted("scope 0")]).toEqual([true, false]);
    guard.reset();
    expect(guard.isExhausted("scope 0")).toBe(true);
  });
});

test("a guard with an initial credit believes that many in a row, and after an acceptance as many again", () => {
  const guard = new BadTokenGuard({ initial: 20, perAccepted: Number.POSITIVE_INFINITY, capacity: 20 });
  expect(believed(guard, 100)).toBe(20);
  guard.accepted("app");
  expect(believed(guard, 100)).toBe(20);
});
