import { expect, test } from "vitest";
import { ConnectionHealth } from "./health.js";

test("refusals of one round trip count once", () => {
  const health = new ConnectionHealth(0);
  for (const streamId of [1, 3, 5, 7]) health.countRefusal(streamId, 7);
  expect(health.isRefusing).toBe(false);
  health.countRefusal(9, 9);
  expect(health.isRefusing).toBe(true);
});

test("an answer in between ends the run", () => {
  const health = new ConnectionHealth(0);
  health.countRefusal(1, 1);
  health.countServed();
  health.countRefusal(3, 3);
  expect(health.isRefusing).toBe(false);
  health.countRefusal(5, 5);
  expect(health.isRefusing).toBe(true);
});

test("a connection was of use if it served one request, or lasted five seconds", () => {
  const idle = new ConnectionHealth(1_000);
  expect([idle.wasOfUse(5_999), idle.wasOfUse(6_000)]).toEqual([false, true]);
  const used = new ConnectionHealth(1_000);
  used.countServed();
  expect([used.wasOfUse(1_001), used.served]).toEqual([true, 1]);
});
