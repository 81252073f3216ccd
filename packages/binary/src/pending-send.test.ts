import { ApnsError, alert, type Outcome } from "@apns/core";
import { expect, test } from "vitest";
import { FlushGenerations } from "./dispatcher/flush-generations.js";
import { FrameTemplate } from "./frame-template.js";
import { PendingSend, PendingSendPool } from "./pending-send.js";

const generations = new FlushGenerations();
const template = new FrameTemplate(alert({ aps: { alert: "Hi" } }), {
  format: "enhanced",
  maxPayloadBytes: undefined,
  strict: false,
});

const cause = new ApnsError("ERR_APNS_ABORTED", "");

function begin(send: PendingSend, deviceToken: string, outcomes: Outcome[]): PendingSend {
  return send.init(template, deviceToken, 0, generations.current, undefined, (outcome) => void outcomes.push(outcome));
}

test("a send that is used again keeps nothing of the one before, and settles as its own", () => {
  const pool = new PendingSendPool();
  const first: Outcome[] = [];
  const used = begin(pool.take(), "a", first);
  used.attempts = 3;
  used.mayBeAccepted = true;
  used.state = "written";
  used.extras = { apnsId: "one", detach: undefined };
  used.accept();
  pool.release(used);
  expect(used).toMatchObject({ template: undefined, deviceToken: "", generation: undefined, extras: undefined });
  // What comes too late finds nobody.
  used.accept();
  used.reject(8);
  const second: Outcome[] = [];
  const again = begin(pool.take(), "b", second);
  expect(again).toBe(used);
  expect(again).toMatchObject({ state: "waiting", attempts: 0, mayBeAccepted: false, extras: undefined });
  again.reject(8);
  expect(first).toEqual([{ kind: "accepted", deviceToken: "a", apnsId: "one", attempts: 3 }]);
  expect(second).toMatchObject([{ kind: "rejected", deviceToken: "b", apnsId: undefined, attempts: 0, statusCode: 8 }]);
  expect(generations.tally).toEqual({ inFlight: 0, accepted: 1, rejected: 1, unsent: 0, unconfirmed: 0 });
});

test("no more are kept than are in flight at full speed", () => {
  const pool = new PendingSendPool();
  const all = Array.from({ length: 20_001 }, () => pool.take());
  expect(new Set(all).size).toBe(20_001);
  for (const send of all) pool.release(send);
  const again = new Set(Array.from({ length: 20_001 }, () => pool.take()));
  expect(all.filter((send) => again.has(send))).toHaveLength(20_000);
});

test.each([
  ["waiting", false, "unsent"],
  ["waiting", true, "unconfirmed"],
  ["written", false, "unconfirmed"],
] as const)("given up while %s, mayBeAccepted %s: %s, once", (state, mayBeAccepted, kind) => {
  const outcomes: Outcome[] = [];
  const given = begin(new PendingSend(), "a", outcomes);
  given.state = state;
  given.mayBeAccepted = mayBeAccepted;
  given.attempts = 2;
  given.giveUp(cause);
  given.accept();
  given.reject(8);
  expect(outcomes).toEqual([{ kind, deviceToken: "a", apnsId: undefined, attempts: 2, cause }]);
});
