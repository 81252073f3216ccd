import { expect, test } from "vitest";
import { FlushGenerations } from "./flush-generations.js";

test("a flush waits for its own generation and all before it, and for nothing newer", async () => {
  const generations = new FlushGenerations();
  const done: string[] = [];
  const first = generations.current;
  first.countSend();
  first.countSend();
  const one = generations.flush().then(() => void done.push("one"));
  const second = generations.current;
  second.countSend();
  const two = generations.flush().then(() => void done.push("two"));
  generations.current.countSend();
  expect(generations.newestPending).toBe(1);
  second.countOutcome("accepted");
  await Promise.resolve();
  expect(done).toEqual([]);
  first.countOutcome("accepted");
  first.countOutcome("rejected");
  await Promise.all([one, two]);
  expect(done).toEqual(["one", "two"]);
  expect(generations.newestPending).toBe(-1);
  expect(generations.tally).toEqual({ inFlight: 1, accepted: 2, rejected: 1, unsent: 0, unconfirmed: 0 });
});

test("a flush of an empty generation waits for an earlier one that is not settled", async () => {
  const generations = new FlushGenerations();
  const first = generations.current;
  first.countSend();
  let settled = 0;
  const flushes = [generations.flush(), generations.flush()].map((flush) => flush.then(() => void settled++));
  await Promise.resolve();
  expect(settled).toBe(0);
  first.countOutcome("unsent");
  await Promise.all(flushes);
});
