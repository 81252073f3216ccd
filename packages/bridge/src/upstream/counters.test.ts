import { expect, test } from "vitest";
import { CounterMap } from "./counters.ts";

test("names are told apart up to a limit, and nothing goes uncounted", () => {
  const counters = new CounterMap();
  for (let index = 0; index < 500; index++) counters.add(`name ${index}`);
  counters.add("name 0");
  const counts = counters.snapshot();
  expect(Object.keys(counts)).toHaveLength(201);
  expect(counts).toMatchObject({ "name 0": 2, "name 199": 1, other: 300 });
});

test("a name of any length is cut, and counted as the same one again", () => {
  const counters = new CounterMap();
  counters.add("x".repeat(15_000));
  counters.add("x".repeat(15_000));
  expect(counters.snapshot()).toEqual({ [`${"x".repeat(100)}… (14900 more)`]: 2 });
});
