import { expect, it } from "vitest";
import { FakeClock } from "./fake-clock.js";

it("rings in order, each at its time, also what is set on the way", () => {
  const clock = new FakeClock(1000);
  const rung: [string, number][] = [];
  const note = (name: string) => () => void rung.push([name, clock.now()]);
  clock.after(30, note("c"));
  clock.after(10, note("a"));
  clock.after(10, () => clock.after(5, note("b")));
  const callOff = clock.after(20, note("never"));
  callOff();
  clock.advance(29);
  expect(rung).toEqual([
    ["a", 1010],
    ["b", 1015],
  ]);
  clock.advance(1);
  clock.advance(1000);
  expect(rung.slice(2)).toEqual([["c", 1030]]);
  expect(clock.now()).toBe(2030);
});
