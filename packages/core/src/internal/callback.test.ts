import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runCallback, runCallbackSoon } from "./callback.js";

const warnings: [message: string, code: unknown][] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1e12 });
  vi.spyOn(process, "emitWarning").mockImplementation((message, options) => {
    warnings.push([String(message), (options as { code: string }).code]);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  warnings.length = 0;
});

function failing(message: string) {
  return (): never => {
    throw new Error(message);
  };
}

test("gives what the callback returns", () => {
  expect(runCallback("onOne", () => 7)).toBe(7);
  expect(warnings).toEqual([]);
});

test("an error is a warning, one a second for each name, and the rest are counted", () => {
  for (const message of ["first", "second", "third"]) expect(runCallback("onTwo", failing(message))).toBeUndefined();
  runCallback("onThree", failing("another"));
  vi.setSystemTime(1e12 + 1_000);
  runCallback("onTwo", failing("fourth"));
  expect(warnings).toEqual([
    ["onTwo threw an error: first", "APNS_CALLBACK"],
    ["onThree threw an error: another", "APNS_CALLBACK"],
    ["onTwo threw an error (2 more since the last warning): fourth", "APNS_CALLBACK"],
  ]);
});

test("a rejection of an async callback is one as well, and so is what is no error", async () => {
  runCallbackSoon("onFour", async () => failing("later")());
  void runCallback("onFive", () => Promise.reject("text"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([
    ["onFive threw an error: text", "APNS_CALLBACK"],
    ["onFour threw an error: later", "APNS_CALLBACK"],
  ]);
});
