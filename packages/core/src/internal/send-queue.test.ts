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

  test("keeps nothing of thousands that were given up behind one that goes on waiting", () => {
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

  test("keeps the order of those left, whichever are given up and put back", () => {
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
  test("first come, first served; what is put back goes first, in its order; what is given up is passed over", () => {
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

  test("used for long, it keeps its order and forgets what was taken", () => {
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
