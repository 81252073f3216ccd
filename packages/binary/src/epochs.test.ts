import { expect, test } from "vitest";
import { Epochs } from "./epochs.js";

test("a flush waits for its own epoch and all before it, and for nothing newer", async () => {
  const epochs = new Epochs();
  const done: string[] = [];
  const first = epochs.current;
  first.added();
  first.added();
  const one = epochs.flush().then(() => void done.push("one"));
  const second = epochs.current;
  second.added();
  const two = epochs.flush().then(() => void done.push("two"));
  epochs.current.added();
  expect(epochs.awaited).toBe(1);
  second.settled("accepted");
  await Promise.resolve();
  expect(done).toEqual([]);
  first.settled("accepted");
  first.settled("rejected");
  await Promise.all([one, two]);
  expect(done).toEqual(["one", "two"]);
  expect(epochs.awaited).toBe(-1);
  expect(epochs.tally).toEqual({ inFlight: 1, accepted: 2, rejected: 1, unsent: 0, unconfirmed: 0 });
});

test("a flush of an empty epoch waits for an earlier one that is not settled", async () => {
  const epochs = new Epochs();
  const first = epochs.current;
  first.added();
  let settled = 0;
  const flushes = [epochs.flush(), epochs.flush()].map((flush) => flush.then(() => void settled++));
  await Promise.resolve();
  expect(settled).toBe(0);
  first.settled("unsent");
  await Promise.all(flushes);
});
