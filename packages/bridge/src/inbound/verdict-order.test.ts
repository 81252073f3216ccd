// The order of verdicts alone, against a model that looks at all frames at once.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptedVerdict, closedVerdict, refusedVerdict, shutdownVerdict, type Verdict } from "../upstream/verdict.ts";
import { type Ending, type OrderedFrame, VerdictOrder } from "./verdict-order.ts";

const framesOf = (count: number, command = 1): OrderedFrame[] =>
  Array.from({ length: count }, (_, index) => ({ command, identifier: index + 1, verdict: undefined }));

function orderOf(frames: readonly OrderedFrame[], passOverSimple = false): VerdictOrder<OrderedFrame> {
  const order = new VerdictOrder<OrderedFrame>({ passOverSimple });
  for (const frame of frames) order.push(frame);
  order.newestCommand = frames.at(-1)?.command;
  return order;
}

const errorResponse = (statusCode: number, identifier: number): Ending => ({
  kind: "errorResponse",
  statusCode,
  identifier,
});

test("an ending waits for every frame before it, names the lowest failure, and discards all frames behind", () => {
  const frames = framesOf(5);
  const order = orderOf(frames);
  expect(order.settle(frames[3]!, refusedVerdict(8))).toBeUndefined();
  expect([order.state, order.undecided]).toEqual(["failed", 5]);
  expect(order.settle(frames[1]!, refusedVerdict(7))).toBeUndefined();
  expect(order.settle(frames[4]!, acceptedVerdict)).toBeUndefined();
  expect(order.discarded).toEqual([]);
  expect(order.settle(frames[0]!, acceptedVerdict)).toEqual(errorResponse(7, 2));
  expect([order.state, order.undecided]).toEqual(["ended", 0]);
  expect(order.discarded).toEqual(frames.slice(2));
});

test("an ended order hears nothing more", () => {
  const frames = framesOf(2);
  const order = orderOf(frames);
  expect(order.settle(frames[0]!, closedVerdict)).toEqual({ kind: "closed" });
  expect(order.settle(frames[1]!, refusedVerdict(8))).toBeUndefined();
  expect([order.endInput(), order.drain(), order.cut({ isTold: true })]).toEqual([undefined, undefined, undefined]);
});

test("a failure wins over drain and end of input, and a cut over all of them", () => {
  for (const state of ["endInput", "drain"] as const) {
    const frames = framesOf(2);
    const order = orderOf(frames);
    order[state]();
    order.settle(frames[1]!, refusedVerdict(8));
    order[state]();
    expect(order.settle(frames[0]!, acceptedVerdict)).toEqual(errorResponse(8, 2));
  }
  const frames = framesOf(3);
  const order = orderOf(frames);
  order.settle(frames[0]!, acceptedVerdict);
  order.settle(frames[2]!, refusedVerdict(8));
  expect(order.cut({ isTold: true })).toEqual(errorResponse(10, 1));
  expect(order.discarded).toEqual(frames.slice(1));
});

describe("a shutdown", () => {
  test("is told in the format of the newest frame that has begun to arrive", () => {
    for (const [newestCommand, ending] of [
      [undefined, { kind: "closed" }],
      [0, { kind: "closed" }],
      [1, errorResponse(10, 0)],
      [2, errorResponse(10, 0)],
    ] as const) {
      const order = orderOf([]);
      order.newestCommand = newestCommand;
      expect(order.drain()).toEqual(ending);
    }
  });

  test("after the end of input still names the last one accepted", () => {
    const frames = framesOf(2);
    const order = orderOf(frames);
    order.endInput();
    order.drain();
    order.settle(frames[1]!, acceptedVerdict);
    expect(order.settle(frames[0]!, acceptedVerdict)).toEqual(errorResponse(10, 2));
  });
});

test("unreadable bytes end the connection in their turn, whatever the verdict on them", () => {
  const verdicts: [Verdict, boolean, number, Ending][] = [
    [refusedVerdict(1), false, 1, errorResponse(1, 2)],
    [acceptedVerdict, false, 1, { kind: "closed" }],
    [refusedVerdict(1), true, 0, { kind: "closed" }],
    [shutdownVerdict, false, 1, errorResponse(10, 1)],
  ];
  for (const [verdict, passOverSimple, command, ending] of verdicts) {
    const frames = framesOf(2, command);
    const order = orderOf(frames, passOverSimple);
    expect(order.settleUnreadable(frames[1]!, verdict)).toBeUndefined();
    expect(order.settle(frames[0]!, acceptedVerdict)).toEqual(ending);
  }
});

test("for any verdicts in any order, with a drain or a cut at any time: the ending of the model, once", () => {
  const verdict = fc.constantFrom<Verdict>(
    ...[acceptedVerdict, acceptedVerdict, acceptedVerdict, refusedVerdict(8), shutdownVerdict, closedVerdict],
  );
  const interruption = fc.constantFrom("drain", "cut", "endInput");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(verdict, fc.nat()), { maxLength: 20 }),
      interruption,
      fc.nat({ max: 20 }),
      (given, name, at) => {
        const frames = framesOf(given.length);
        const order = orderOf(frames);
        order.newestCommand = 1;
        // Settled in the order of the random numbers; interrupted after `at` of them.
        const turns = given.map(([, rank], index) => ({ rank, index })).sort((one, other) => one.rank - other.rank);
        const endings: Ending[] = [];
        const settled = new Set<number>();
        const note = (ending: Ending | undefined): void => void (ending !== undefined && endings.push(ending));
        const model = (): Ending | undefined => {
          const head = given.findIndex(([{ kind }], index) => kind !== "accepted" || !settled.has(index));
          if (head < 0 || !settled.has(head)) return undefined;
          const [decided] = given[head]!;
          if (decided.kind === "closed") return { kind: "closed" };
          return decided.kind === "refused" ? errorResponse(8, head + 1) : errorResponse(10, head);
        };
        const acceptedBefore = (): number => {
          const head = given.findIndex((_, index) => !settled.has(index));
          return head < 0 ? given.length : head;
        };
        let expected: Ending | undefined;
        for (let turn = 0; turn <= given.length; turn++) {
          if (turn === Math.min(at, given.length)) {
            note(order[name]({ isTold: true }));
            if (name === "cut") expected ??= errorResponse(10, acceptedBefore());
          }
          if (turn === given.length) break;
          const { index } = turns[turn]!;
          settled.add(index);
          note(order.settle(frames[index]!, given[index]![0]));
          expected ??= model();
        }
        expected ??= name === "drain" ? errorResponse(10, given.length) : { kind: "finished" };
        expect(endings).toEqual([expected]);
        expect(order.undecided).toBe(0);
      },
    ),
    { numRuns: 1000 },
  );
});
