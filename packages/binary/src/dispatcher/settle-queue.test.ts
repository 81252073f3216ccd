import { setImmediate } from "node:timers/promises";
import { alert, type Outcome } from "@apns/core";
import { expect, test } from "vitest";
import { FrameTemplate } from "../frame-template.js";
import { PendingSend, PendingSendPool, type SendExtras } from "../pending-send.js";
import { FlushGenerations } from "./flush-generations.js";
import { SettleQueue } from "./settle-queue.js";

const generations = new FlushGenerations();
const template = new FrameTemplate(alert({ aps: { alert: "Hi" } }), {
  format: "enhanced",
  maxPayloadBytes: undefined,
  strict: false,
});

/** Sends with device tokens 0, 1, 2 … from `first` on, that note their outcomes. */
function sends(count: number, first: number, outcomes: Outcome[], extras?: SendExtras): PendingSend[] {
  return Array.from({ length: count }, (_, index) =>
    new PendingSend().init(template, `${first + index}`, 0, generations.current, extras, (outcome) => {
      outcomes.push(outcome);
    }),
  );
}

const deviceTokens = (outcomes: readonly Outcome[]): number[] => outcomes.map(({ deviceToken }) => Number(deviceToken));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test("a window is settled in batches, one per turn of the event loop, and the next window after it", async () => {
  const outcomes: Outcome[] = [];
  const queue = new SettleQueue(new PendingSendPool());
  queue.add(sends(1_200, 0, outcomes));
  queue.add(sends(10, 1_200, outcomes));
  expect(outcomes).toHaveLength(500);
  await setImmediate();
  expect(outcomes).toHaveLength(1_000);
  await setImmediate();
  expect(deviceTokens(outcomes)).toEqual(upTo(1_210));
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["accepted"]));
  // Nothing is left that would delay the next.
  queue.add(sends(1, 1_210, outcomes));
  expect(deviceTokens(outcomes)).toEqual(upTo(1_211));
});

test("small windows behind a large one share its turn, instead of taking one each", async () => {
  const outcomes: Outcome[] = [];
  const queue = new SettleQueue(new PendingSendPool());
  queue.add(sends(600, 0, outcomes));
  for (let window = 0; window < 20; window++) queue.add(sends(10, 600 + 10 * window, outcomes));
  expect(outcomes).toHaveLength(500);
  await setImmediate();
  expect(deviceTokens(outcomes)).toEqual(upTo(800));
});

test("a send that the caller may abort is settled at once: a known verdict must not become unconfirmed", () => {
  const outcomes: Outcome[] = [];
  const queue = new SettleQueue(new PendingSendPool());
  const [given] = sends(1, 600, outcomes, { apnsId: undefined, detach: undefined });
  queue.add([...sends(600, 0, outcomes), given!]);
  expect(deviceTokens(outcomes)).toEqual([600, ...upTo(500)]);
  queue.settleAll();
  expect(deviceTokens(outcomes)).toEqual([600, ...upTo(600)]);
});

test("settleAll settles everything at once, and nothing twice", async () => {
  const outcomes: Outcome[] = [];
  const pool = new PendingSendPool();
  const queue = new SettleQueue(pool);
  const all = sends(1_200, 0, outcomes);
  queue.add(all);
  queue.add([]);
  queue.settleAll();
  expect(deviceTokens(outcomes)).toEqual(upTo(1_200));
  await setImmediate();
  await setImmediate();
  expect(outcomes).toHaveLength(1_200);
  // Each returned to the pool once.
  const again = Array.from({ length: 1_200 }, () => pool.take());
  expect(new Set(again)).toEqual(new Set(all));
});
