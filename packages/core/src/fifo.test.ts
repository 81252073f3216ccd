import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "./fifo.js";

test("behaves as an array of which the front is taken, whatever is done in whatever order", () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 3000 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 3000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const { push = 0, take = 0 } of steps as { push?: number; take?: number }[]) {
        for (let n = 0; n < push; n++) {
          fifo.push(next);
          model.push(next++);
        }
        expect(Array.from({ length: take }, () => fifo.shift())).toEqual(
          Array.from({ length: take }, () => model.shift()),
        );
        expect([fifo.size, fifo.peek(), [...fifo]]).toEqual([model.length, model[0], model]);
      }
      fifo.clear();
      expect([fifo.size, fifo.shift()]).toEqual([0, undefined]);
    }),
    { numRuns: 50 },
  );
});
