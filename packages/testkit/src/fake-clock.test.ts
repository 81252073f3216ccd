import { expect, it } from "vitest";
import { FakeClock } from "./fake-clock.js";

it("fires timers in order, each at its time, also those set by other timers", () => {
  const clock = new FakeClock(1000);
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, clock.now()]);
  clock.after(30, note("c"));
  clock.after(10, note("a"));
  clock.after(10, () => clock.after(5, note("b")));
  const cancel = clock.after(20, note("never"));
  cancel();
  clock.advance(29);
  expect(fired).toEqual([
    ["a", 1010],
    ["b", 1015],
  ]);
  clock.advance(1);
  clock.advance(1000);
  expect(fired.slice(2)).toEqual([["c", 1030]]);
  expect(clock.now()).toBe(2030);
});
