// What was reported as discarded and had gone out: answered once per resend, within bounds.
import { FakeClock } from "@apns/testkit";
import { expect, test } from "vitest";
import { Delivery, type Prepared } from "../upstream/delivery.ts";
import { acceptedVerdict, refusedVerdict } from "../upstream/verdict.ts";
import { ResendDedup } from "./resend-dedup.ts";

const prepared = (digest: string) => ({ digest: () => digest }) as Prepared;
const nobody = { hasLeft: false, onSettled: () => {} };

function delivery(deviceToken: string, digest = "a"): Delivery {
  const permits = { release: () => {} };
  const origin = { sender: "s", connection: 1, address: "" };
  return new Delivery(permits, origin, { command: 1, identifier: 1 }, deviceToken, prepared(digest), "", nobody);
}

function accepted(deviceToken: string, digest?: string): Delivery {
  const made = delivery(deviceToken, digest);
  made.settle(acceptedVerdict);
  return made;
}

test("equal ones answer for as many resends, and no more", () => {
  const memory = new ResendDedup({}, new FakeClock());
  const [one, two] = [accepted("t"), accepted("t")];
  memory.remember(one);
  memory.remember(two);
  memory.remember(accepted("t", "another payload"));
  expect(memory.take("t", prepared("a"))).toBe(one);
  expect(memory.take("t", prepared("a"))).toBe(two);
  expect(memory.take("t", prepared("a"))).toBeUndefined();
  expect(memory.take("u", prepared("another payload"))).toBeUndefined();
  expect(memory.size).toBe(1);
});

test("one still under way answers too, unless it fails", () => {
  const memory = new ResendDedup({}, new FakeClock());
  const [pending, failing] = [delivery("t"), delivery("u")];
  memory.remember(pending);
  memory.remember(failing);
  failing.settle(refusedVerdict(8));
  expect(memory.take("u", prepared("a"))).toBeUndefined();
  expect(memory.take("t", prepared("a"))).toBe(pending);
  memory.remember(delivery("v"));
  expect(memory.size).toBe(1);
});

test("what was refused is not remembered", () => {
  const memory = new ResendDedup({}, new FakeClock());
  const refused = delivery("t");
  refused.settle(refusedVerdict(8));
  memory.remember(refused);
  expect(memory.size).toBe(0);
});

test("after their time they are forgotten, and for want of room the oldest", () => {
  const clock = new FakeClock();
  const memory = new ResendDedup({ maxRemembered: 2, rememberForMs: 1_000 }, clock);
  memory.remember(accepted("t"));
  clock.advance(999);
  memory.remember(accepted("u"));
  expect(memory.take("t", prepared("a"))).toBeDefined();
  memory.remember(accepted("t"));
  memory.remember(accepted("v"));
  expect(memory.forgotten).toBe(1);
  expect(memory.take("u", prepared("a"))).toBeUndefined();
  clock.advance(1_001);
  expect(memory.take("v", prepared("a"))).toBeUndefined();
  expect(memory.size).toBe(0);
});

test("a memory of nothing remembers nothing, and counts what that may cost", () => {
  const memory = new ResendDedup({ maxRemembered: 0 }, new FakeClock());
  memory.remember(accepted("t"));
  expect([memory.size, memory.forgotten]).toEqual([0, 1]);
});
