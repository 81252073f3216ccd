import { ApnsError, alert, type Outcome } from "@apns/core";
import { expect, test } from "vitest";
import { Epochs } from "./epochs.js";
import { FrameTemplate } from "./frame-template.js";
import { PendingSend } from "./pending-send.js";
import { SendQueue } from "./send-queue.js";

const epochs = new Epochs();
const template = new FrameTemplate(alert({ aps: { alert: "Hi" } }), {
  format: "enhanced",
  maxPayloadBytes: undefined,
  strict: false,
});
const cause = new ApnsError("ERR_APNS_ABORTED", "");

function send(deviceToken: string, settled: (outcome: Outcome) => void = () => {}): PendingSend {
  return new PendingSend().begin(template, deviceToken, 0, epochs.current, undefined, settled);
}

/** Takes everything, in order. */
function takeAll(queue: SendQueue): string {
  let order = "";
  for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
    order += next.deviceToken;
    queue.take();
  }
  return order;
}

test("first come, first served; what is put back goes first, in its order; what is settled is passed over", () => {
  const queue = new SendQueue();
  const [a, b, c, d, e] = [..."abcde"].map((name) => send(name)) as [
    PendingSend,
    PendingSend,
    PendingSend,
    PendingSend,
    PendingSend,
  ];
  for (const each of [a, b, c, d, e]) queue.add(each);
  for (const expected of [a, b, c]) {
    expect(queue.peek()).toBe(expected);
    queue.take();
    expected.state = "written";
  }
  queue.putBack([b, c]);
  queue.putBack([a]);
  expect([a.state, queue.size]).toEqual(["waiting", 5]);
  for (const given of [c, e]) {
    given.giveUp(cause);
    queue.gaveUp();
  }
  expect([...queue].map(({ deviceToken }) => deviceToken).join("")).toBe("abcde");
  expect(takeAll(queue)).toBe("abd");
  expect([queue.size, queue.peek()]).toEqual([0, undefined]);
});

test("a queue used for long keeps its order and forgets what was taken", () => {
  const queue = new SendQueue();
  let taken = 0;
  for (let index = 0; index < 30_000; index++) {
    queue.add(send(String(index)));
    if (index % 3 === 0) continue;
    expect(queue.peek()?.deviceToken).toBe(String(taken++));
    queue.take();
  }
  expect(queue.size).toBe(10_000);
  expect(queue.drain()[0]?.deviceToken).toBe(String(taken));
  expect(queue.size).toBe(0);
});

test.each([
  ["waiting", false, "unsent"],
  ["waiting", true, "unconfirmed"],
  ["written", false, "unconfirmed"],
] as const)("given up while %s, doubtful %s: %s, once", (state, doubtful, kind) => {
  const outcomes: Outcome[] = [];
  const given = send("a", (outcome) => void outcomes.push(outcome));
  given.state = state;
  given.doubtful = doubtful;
  given.attempts = 2;
  given.giveUp(cause);
  given.accept();
  given.reject(8);
  expect(outcomes).toEqual([{ kind, deviceToken: "a", apnsId: undefined, attempts: 2, cause }]);
});
