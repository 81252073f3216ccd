import { expect, test } from "vitest";
import { InMemoryTransport } from "./in-memory-transport.js";
import type { Outcome } from "./outcome.js";
import { alert } from "./push-types/alert.js";

const hello = alert({ aps: { alert: "Hi" } });

test("accepts everything by default, and records what was sent", async () => {
  const transport = new InMemoryTransport();
  const outcome = await transport.send(hello, "00FF", { apnsId: "an id" });
  expect(outcome).toEqual({ kind: "accepted", deviceToken: "00FF", apnsId: "an id", attempts: 1 });
  expect(transport.sent).toEqual([
    { notification: hello, deviceToken: "00FF", options: { apnsId: "an id" }, index: 0 },
  ]);
});

test("a script answers sends in order, and repeats its last answer", async () => {
  const transport = new InMemoryTransport();
  transport.script("00ff", "TooManyRequests", "unsent", "Unregistered");
  const outcomes = [];
  for (let n = 0; n < 4; n++) outcomes.push(await transport.send(hello, "00FF"));
  expect(outcomes).toMatchObject([
    { kind: "rejected", reason: "TooManyRequests", httpStatus: 429, retryable: true, dropToken: false },
    { kind: "unsent", attempts: 0, cause: { code: "ERR_APNS_CONNECT_FAILED" } },
    { kind: "rejected", reason: "Unregistered", httpStatus: 410, retryable: false, dropToken: true },
    { kind: "rejected", reason: "Unregistered" },
  ]);
  expect(await transport.send(hello, "01ff")).toMatchObject({ kind: "accepted" });
  transport.script("00ff", "unconfirmed");
  expect(await transport.send(hello, "00ff")).toMatchObject({
    kind: "unconfirmed",
    attempts: 1,
    cause: { code: "ERR_APNS_CONNECTION_LOST" },
  });
});

test("a function answers sends without a script, by a kind, a reason or a complete outcome", async () => {
  const strange: Outcome = { kind: "accepted", deviceToken: "07", apnsId: "x", attempts: 3 };
  const transport = new InMemoryTransport({
    outcome: ({ index }) => (index === 0 ? "BadTopic" : index === 1 ? "NewerThanTheTable" : Promise.resolve(strange)),
  });
  expect(await transport.send(hello, "07")).toMatchObject({ reason: "BadTopic", httpStatus: 400 });
  expect(await transport.send(hello, "07")).toMatchObject({ reason: "NewerThanTheTable", httpStatus: 400 });
  expect(await transport.send(hello, "07")).toBe(strange);
});

test("an answering function that throws or answers nonsense rejects the send", async () => {
  const throwing = new InMemoryTransport({
    outcome: () => {
      throw new Error("in the test");
    },
  });
  await expect(throwing.send(hello, "07")).rejects.toThrow("in the test");
  const silent = new InMemoryTransport({ outcome: () => undefined as never });
  await expect(silent.send(hello, "07")).rejects.toMatchObject({ field: "outcome" });
  expect(() => silent.script("07")).toThrow(/answers: are none/);
  expect(() => silent.script("xyz", "accepted")).toThrow(/deviceToken/);
});

test.each([0, 1, 3])("remembers the newest %i sends", async (maxRecorded) => {
  const transport = new InMemoryTransport({ maxRecorded });
  for (let n = 0; n < 10; n++) await transport.send(hello, `0${n}`);
  expect(transport.sent.map(({ deviceToken }) => deviceToken)).toEqual(["07", "08", "09"].slice(3 - maxRecorded));
});

test("reset clears sends and scripts", async () => {
  const transport = new InMemoryTransport();
  transport.script("07", "BadTopic");
  await transport.send(hello, "07");
  transport.reset();
  expect(await transport.send(hello, "07")).toMatchObject({ kind: "accepted" });
  expect(transport.sent).toMatchObject([{ index: 0 }]);
});
