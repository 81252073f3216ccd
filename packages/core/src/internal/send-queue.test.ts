import { describe, expect, test } from "vitest";
import { SendQueue } from "./send-queue.js";

interface Item {
  readonly sequence: number;
  waiting: boolean;
}

const isWaiting = ({ waiting }: Item): boolean => waiting;
const many = (count: number, from = 0): Item[] =>
  Array.from({ length: count }, (_, index) => ({ sequence: from + index, waiting: true }));

function giveUp(queue: SendQueue<Item>, items: readonly Item[]): void {
  for (const item of items) {
    item.waiting = false;
    queue.left();
  }
}

function takeAll(queue: SendQueue<Item>): number[] {
  const taken: number[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item.sequence);
  return taken;
}

describe("a queue that sorts what is put back", () => {
  const sorting = () => new SendQueue<Item>({ isWaiting, compare: (one, other) => one.sequence - other.sequence });

  test("removes the places of thousands of settled items behind one that waits", () => {
    const queue = sorting();
    queue.add(many(1)[0]!);
    for (let round = 0; round < 20; round++) {
      const items = many(1000, 1 + round * 1000);
      for (const item of items) queue.add(item);
      queue.putBack([queue.take()!]);
      giveUp(queue, items);
      expect(queue.size).toBe(1);
    }
    expect(queue.places).toBeLessThan(3000);
    expect(takeAll(queue)).toEqual([0]);
    expect([queue.size, queue.places]).toEqual([0, 0]);
  });

  test("keeps the order of the waiting items, whichever are settled and put back", () => {
    const queue = sorting();
    const items = many(10_000);
    for (const item of items) queue.add(item);
    const returned = Array.from({ length: 2000 }, () => queue.take()!);
    for (const item of returned.reverse()) queue.putBack([item]);
    giveUp(
      queue,
      items.filter(({ sequence }) => sequence % 10 !== 0),
    );
    expect(queue.size).toBe(1000);
    expect(queue.places).toBeLessThan(3000);
    const left = Array.from({ length: 1000 }, (_, index) => index * 10);
    expect([...queue].map(({ sequence }) => sequence)).toEqual(left);
    expect(takeAll(queue)).toEqual(left);
  });
});

describe("a queue that keeps the order in which items are put back", () => {
  test("first in, first out; items put back go first, in their order; settled ones are skipped", () => {
    const queue = new SendQueue<Item>({ isWaiting });
    const [a, b, c, d, e] = many(5) as [Item, Item, Item, Item, Item];
    for (const item of [a, b, c, d, e]) queue.add(item);
    for (const expected of [a, b, c]) {
      expect(queue.peek()).toBe(expected);
      expect(queue.take()).toBe(expected);
    }
    queue.putBack([b, c]);
    queue.putBack([a]);
    expect(queue.size).toBe(5);
    giveUp(queue, [c, e]);
    expect(queue.size).toBe(3);
    expect([...queue]).toEqual([a, b, d]);
    expect(takeAll(queue)).toEqual([0, 1, 3]);
    expect([queue.size, queue.peek(), queue.take()]).toEqual([0, undefined, undefined]);
  });

  test("keeps its order in long use, and no reference to removed items", () => {
    const queue = new SendQueue<Item>({ isWaiting });
    let taken = 0;
    for (const item of many(30_000)) {
      queue.add(item);
      if (item.sequence % 3 !== 0) expect(queue.take()?.sequence).toBe(taken++);
    }
    expect([queue.size, queue.places]).toEqual([10_000, 10_000]);
    expect(queue.drain()[0]?.sequence).toBe(taken);
    expect([queue.size, queue.places]).toEqual([0, 0]);
  });
});
