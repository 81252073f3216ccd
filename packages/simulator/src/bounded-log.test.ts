import { describe, expect, it } from "vitest";
import { BoundedLog } from "./bounded-log.js";

function logOf(capacity: number, ...entries: number[]): BoundedLog<number> {
  const log = new BoundedLog<number>(capacity);
  for (const entry of entries) log.append(entry);
  return log;
}

describe("a bounded log", () => {
  it("keeps the newest, oldest first", () => {
    const log = logOf(3, 1, 2, 3, 4, 5);
    expect([...log]).toEqual([3, 4, 5]);
    expect(log.total).toBe(5);
    expect([log.length, log.at(0), log.at(-1), log.at(3), log.at(-4)]).toEqual([3, 3, 5, undefined, undefined]);
  });

  it("of no capacity keeps nothing, and tells readers nothing", async () => {
    const log = logOf(0, 1);
    expect([...log]).toEqual([]);
    const next = log[Symbol.asyncIterator]().next();
    log.append(2);
    log.close();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it("is read from the oldest kept on, past what comes, to its end, by each reader for itself", async () => {
    const log = logOf(10, 1, 2);
    const read = async () => {
      const entries: number[] = [];
      for await (const entry of log) entries.push(entry);
      return entries;
    };
    const readers = [read(), read()];
    await Promise.resolve();
    log.append(3);
    await Promise.resolve();
    log.append(4);
    log.close();
    expect(await Promise.all(readers)).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
    expect(await read()).toEqual([1, 2, 3, 4]);
  });

  it("loses what falls out before a reader comes to it, and what is cleared", async () => {
    const log = logOf(2, 1);
    const reader = log[Symbol.asyncIterator]();
    expect((await reader.next()).value).toBe(1);
    for (const entry of [2, 3, 4]) log.append(entry);
    expect((await reader.next()).value).toBe(3);
    log.clear();
    log.append(5);
    expect((await reader.next()).value).toBe(5);
  });

  it("answers several questions asked at once in their order, and those of a reader that leaves with its end", async () => {
    const log = logOf(5);
    const reader = log[Symbol.asyncIterator]();
    const asked = [reader.next(), reader.next(), reader.next()];
    log.append(1);
    log.append(2);
    await reader.return?.();
    expect(await Promise.all(asked)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
    log.append(3);
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });
});
