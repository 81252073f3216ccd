import { ApnsError, alert, type Outcome } from "@apns/core";
import { expect, test } from "vitest";
import { Epochs } from "./epochs.js";
import { FrameTemplate } from "./frame-template.js";
import { PendingSend, SpareSends } from "./pending-send.js";

const epochs = new Epochs();
const template = new FrameTemplate(alert({ aps: { alert: "Hi" } }), {
  format: "enhanced",
  maxPayloadBytes: undefined,
  strict: false,
});

const cause = new ApnsError("ERR_APNS_ABORTED", "");

function begin(send: PendingSend, deviceToken: string, outcomes: Outcome[]): PendingSend {
  return send.begin(template, deviceToken, 0, epochs.current, undefined, (outcome) => void outcomes.push(outcome));
}

test("a send that is used again keeps nothing of the one before, and settles as its own", () => {
  const spares = new SpareSends();
  const first: Outcome[] = [];
  const used = begin(spares.take(), "a", first);
  used.attempts = 3;
  used.doubtful = true;
  used.state = "written";
  used.extras = { apnsId: "one", detach: undefined };
  used.accept();
  spares.giveBack(used);
  expect(used).toMatchObject({ template: undefined, deviceToken: "", epoch: undefined, extras: undefined });
  // What comes too late finds nobody.
  used.accept();
  used.reject(8);
  const second: Outcome[] = [];
  const again = begin(spares.take(), "b", second);
  expect(again).toBe(used);
  expect(again).toMatchObject({ state: "waiting", attempts: 0, doubtful: false, extras: undefined });
  again.reject(8);
  expect(first).toEqual([{ kind: "accepted", deviceToken: "a", apnsId: "one", attempts: 3 }]);
  expect(second).toMatchObject([{ kind: "rejected", deviceToken: "b", apnsId: undefined, attempts: 0, statusCode: 8 }]);
  expect(epochs.tally).toEqual({ inFlight: 0, accepted: 1, rejected: 1, unsent: 0, unconfirmed: 0 });
});

test("no more are kept than are in flight at full speed", () => {
  const spares = new SpareSends();
  const all = Array.from({ length: 20_001 }, () => spares.take());
  expect(new Set(all).size).toBe(20_001);
  for (const send of all) spares.giveBack(send);
  const again = new Set(Array.from({ length: 20_001 }, () => spares.take()));
  expect(all.filter((send) => again.has(send))).toHaveLength(20_000);
});

test.each([
  ["waiting", false, "unsent"],
  ["waiting", true, "unconfirmed"],
  ["written", false, "unconfirmed"],
] as const)("given up while %s, doubtful %s: %s, once", (state, doubtful, kind) => {
  const outcomes: Outcome[] = [];
  const given = begin(new PendingSend(), "a", outcomes);
  given.state = state;
  given.doubtful = doubtful;
  given.attempts = 2;
  given.giveUp(cause);
  given.accept();
  given.reject(8);
  expect(outcomes).toEqual([{ kind, deviceToken: "a", apnsId: undefined, attempts: 2, cause }]);
});
