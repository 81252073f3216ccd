import { setImmediate } from "node:timers/promises";
import { alert, type Outcome } from "@apns/core";
import { expect, test } from "vitest";
import { AcceptedSends } from "./accepted-sends.js";
import { Epochs } from "./epochs.js";
import { FrameTemplate } from "./frame-template.js";
import { PendingSend, type SendExtras, SpareSends } from "./pending-send.js";

const epochs = new Epochs();
const template = new FrameTemplate(alert({ aps: { alert: "Hi" } }), {
  format: "enhanced",
  maxPayloadBytes: undefined,
  strict: false,
});

/** Sends with device tokens 0, 1, 2 … from `first` on, that note their outcomes. */
function sends(count: number, first: number, told: Outcome[], extras?: SendExtras): PendingSend[] {
  return Array.from({ length: count }, (_, index) =>
    new PendingSend().begin(template, `${first + index}`, 0, epochs.current, extras, (outcome) => {
      told.push(outcome);
    }),
  );
}

const deviceTokens = (outcomes: readonly Outcome[]): number[] => outcomes.map(({ deviceToken }) => Number(deviceToken));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test("a window is told in parts, a turn of the event loop each, and the next one behind it", async () => {
  const told: Outcome[] = [];
  const accepted = new AcceptedSends(new SpareSends());
  accepted.tell(sends(1_200, 0, told));
  accepted.tell(sends(10, 1_200, told));
  expect(told).toHaveLength(500);
  await setImmediate();
  expect(told).toHaveLength(1_000);
  await setImmediate();
  expect(deviceTokens(told)).toEqual(upTo(1_210));
  expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(["accepted"]));
  // Nothing is left that would hold up the next.
  accepted.tell(sends(1, 1_210, told));
  expect(deviceTokens(told)).toEqual(upTo(1_211));
});

test("small windows behind a large one share its turn, instead of taking one each", async () => {
  const told: Outcome[] = [];
  const accepted = new AcceptedSends(new SpareSends());
  accepted.tell(sends(600, 0, told));
  for (let window = 0; window < 20; window++) accepted.tell(sends(10, 600 + 10 * window, told));
  expect(told).toHaveLength(500);
  await setImmediate();
  expect(deviceTokens(told)).toEqual(upTo(800));
});

test("what a caller may give up is told at once: what is known must not become unconfirmed", () => {
  const told: Outcome[] = [];
  const accepted = new AcceptedSends(new SpareSends());
  const [given] = sends(1, 600, told, { apnsId: undefined, detach: undefined });
  accepted.tell([...sends(600, 0, told), given!]);
  expect(deviceTokens(told)).toEqual([600, ...upTo(500)]);
  accepted.tellAll();
  expect(deviceTokens(told)).toEqual([600, ...upTo(600)]);
});

test("all of it is told at once where nobody can wait, and nothing twice", async () => {
  const told: Outcome[] = [];
  const spares = new SpareSends();
  const accepted = new AcceptedSends(spares);
  const all = sends(1_200, 0, told);
  accepted.tell(all);
  accepted.tell([]);
  accepted.tellAll();
  expect(deviceTokens(told)).toEqual(upTo(1_200));
  await setImmediate();
  await setImmediate();
  expect(told).toHaveLength(1_200);
  // Each was given back once.
  const again = Array.from({ length: 1_200 }, () => spares.take());
  expect(new Set(again)).toEqual(new Set(all));
});
