import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "./fifo.js";

test("behaves like an array used with push and shift, for any sequence of operations", () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 3000 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 3000 }) }),
    fc.record({ takeTogether: fc.integer({ min: 0, max: 3000 }) }),
    fc.record({ keepMultiplesOf: fc.integer({ min: 1, max: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      let next = 0;
      for (const { push = 0, take = 0, takeTogether = 0, keepMultiplesOf = 1 } of steps as Record<string, number>[]) {
        for (let n = 0; n < push; n++) {
          fifo.push(next);
          model.push(next++);
        }
        expect(Array.from({ length: take }, () => fifo.shift())).toEqual(
          Array.from({ length: take }, () => model.shift()),
        );
        expect(fifo.take(takeTogether)).toEqual(model.splice(0, takeTogether));
        if (keepMultiplesOf > 1) {
          fifo.filter((item) => item % keepMultiplesOf === 0);
          model = model.filter((item) => item % keepMultiplesOf === 0);
        }
        expect([fifo.size, fifo.peek(), [...fifo]]).toEqual([model.length, model[0], model]);
      }
      expect(fifo.clear()).toEqual(model);
      expect([fifo.size, fifo.shift()]).toEqual([0, undefined]);
    }),
    { numRuns: 50 },
  );
});
