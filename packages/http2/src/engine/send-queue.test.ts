import type { ApnsError } from "@apns/core";
import { describe, expect, test } from "vitest";
import { Exchange } from "./exchange.js";
import { SendQueue } from "./send-queue.js";

class Waiting extends Exchange {
  constructor(sequence: number) {
    super(1000);
    this.sequence = sequence;
  }
  override write(): number {
    return 0;
  }
  override answered(): void {}
  override failed(_processed: "no" | "unknown", _cause: ApnsError): void {}
}

const many = (count: number, from = 0) => Array.from({ length: count }, (_, index) => new Waiting(from + index));
const takeAll = (queue: SendQueue): number[] => {
  const taken: number[] = [];
  for (let exchange = queue.take(); exchange !== undefined; exchange = queue.take()) taken.push(exchange.sequence);
  return taken;
};

describe("the queue", () => {
  test("keeps nothing of thousands that were given up behind one that goes on waiting", () => {
    const queue = new SendQueue();
    const first = new Waiting(0);
    queue.add(first);
    for (let round = 0; round < 20; round++) {
      const exchanges = many(1000, 1 + round * 1000);
      for (const exchange of exchanges) queue.add(exchange);
      // As the engine looks for a stream and finds none.
      queue.putBack(queue.take()!);
      for (const exchange of exchanges) queue.drop(exchange);
      expect(queue.size).toBe(1);
    }
    expect(queue.places).toBeLessThan(3000);
    expect(takeAll(queue)).toEqual([0]);
    expect(queue.size).toBe(0);
    expect(queue.places).toBe(0);
  });

  test("keeps the order of those left, whichever are given up and put back", () => {
    const queue = new SendQueue();
    const exchanges = many(10_000);
    for (const exchange of exchanges) queue.add(exchange);
    const returned = Array.from({ length: 2000 }, () => queue.take()!);
    for (const exchange of returned.reverse()) queue.putBack(exchange);
    for (const exchange of exchanges) if (exchange.sequence % 10 !== 0) queue.drop(exchange);
    expect(queue.size).toBe(1000);
    expect(queue.places).toBeLessThan(3000);
    expect([...queue]).toHaveLength(1000);
    expect(takeAll(queue)).toEqual(Array.from({ length: 1000 }, (_, index) => index * 10));
  });

  test("leaves one alone that does not wait", () => {
    const queue = new SendQueue();
    const [one, other] = many(2) as [Waiting, Waiting];
    queue.add(one);
    queue.drop(other);
    queue.drop(one);
    queue.drop(one);
    expect(queue.size).toBe(0);
    expect(queue.take()).toBeUndefined();
  });
});
