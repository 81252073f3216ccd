import { describe, expect, test } from "vitest";
import { ApnsError } from "../errors.js";
import { InMemoryTransport, type ScriptedAnswer } from "../in-memory-transport.js";
import { type Outcome, rejectedByHttp, rejectedByStatus } from "../outcome.js";
import { alert } from "../push-types/alert.js";
import type { SendOptions } from "../transport.js";
import { type FailoverOptions, failover, isTransportFailure, type NonAcceptedOutcome } from "./failover.js";

const hello = alert({ aps: { alert: "Hi" } });
const unsent = (code: string): Outcome => ({
  kind: "unsent",
  deviceToken: "00ff",
  apnsId: undefined,
  attempts: 0,
  cause: new ApnsError(code, "Not sent."),
});

/** Two transports; each gives its answer to every send. */
function pair(first: ScriptedAnswer, second: ScriptedAnswer, options: FailoverOptions = {}) {
  const answers = { first, second };
  const one = new InMemoryTransport({ outcome: () => answers.first });
  const two = new InMemoryTransport({ outcome: () => answers.second });
  let now = 0;
  const transport = failover([one, two], { clock: { now: () => now }, ...options });
  return {
    transport,
    answers,
    one,
    two,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
    send: (sendOptions?: SendOptions) => transport.send(hello, "00ff", sendOptions),
    counts: () => [one.sent.length, two.sent.length],
  };
}

describe("isTransportFailure", () => {
  const base = { deviceToken: "00ff", apnsId: undefined, attempts: 1 };

  test.each([
    [400, false],
    [402, false],
    [403, true],
    [404, false],
    [429, false],
    [499, false],
    [500, true],
    [501, true],
    [503, true],
  ])("HTTP status %i: %s", (httpStatus, expected) => {
    const outcome = rejectedByHttp(base, { reason: "Whatever", httpStatus }) as NonAcceptedOutcome;
    expect(isTransportFailure(outcome)).toBe(expected);
  });

  test.each([
    [1, true],
    [7, false],
    [8, false],
  ])("status code %i of the legacy wire, by the HTTP status of its reason: %s", (statusCode, expected) => {
    expect(isTransportFailure(rejectedByStatus(base, statusCode) as NonAcceptedOutcome)).toBe(expected);
  });
});

describe("failover", () => {
  test.each<[string, ScriptedAnswer, ScriptedAnswer, Partial<Outcome>, [number, number]]>([
    ["accepted by the first", "accepted", "accepted", { kind: "accepted", attempts: 1 }, [1, 0]],
    ["no connection", "unsent", "accepted", { kind: "accepted", attempts: 1 }, [1, 1]],
    ["unusable credentials", unsent("ERR_APNS_CREDENTIALS"), "accepted", { kind: "accepted" }, [1, 1]],
    ["a refused provider token", "InvalidProviderToken", "accepted", { kind: "accepted", attempts: 2 }, [1, 1]],
    ["a server in trouble", "ServiceUnavailable", "accepted", { kind: "accepted", attempts: 2 }, [1, 1]],
    ["both fail", "unsent", "InternalServerError", { kind: "rejected", attempts: 1 }, [1, 1]],
    ["a dead token: no transport's fault", "Unregistered", "accepted", { kind: "rejected" }, [1, 0]],
    ["too many requests", "TooManyRequests", "accepted", { kind: "rejected" }, [1, 0]],
    ["maybe processed: not repeated", "unconfirmed", "accepted", { kind: "unconfirmed" }, [1, 0]],
    ["given up by the caller", unsent("ERR_APNS_ABORTED"), "accepted", { kind: "unsent" }, [1, 0]],
    ["sent too much at a time", unsent("ERR_APNS_QUEUE_FULL"), "accepted", { kind: "unsent" }, [1, 0]],
  ])("%s", async (_, first, second, outcome, counts) => {
    const subject = pair(first, second);
    expect(await subject.send()).toMatchObject(outcome);
    expect(subject.counts()).toEqual(counts);
  });

  test("an unconfirmed notification fails over only with resendUnconfirmed, and stays unconfirmed if the second is unsent", async () => {
    const repeating = pair("unconfirmed", "accepted", { resendUnconfirmed: true });
    expect(await repeating.send()).toMatchObject({ kind: "accepted", attempts: 2 });
    const doubtful = pair("unconfirmed", "unsent", { resendUnconfirmed: true });
    expect(await doubtful.send()).toMatchObject({ kind: "unconfirmed", attempts: 1 });
  });

  test("a rule of one's own decides", async () => {
    const subject = pair("TooManyRequests", "accepted", {
      shouldFailOver: (outcome) => outcome.kind === "rejected" && outcome.reason === "TooManyRequests",
    });
    expect(await subject.send()).toMatchObject({ kind: "accepted", attempts: 2 });
  });

  test("after maxFailures in a row the first is skipped, then probed by one notification at a time", async () => {
    const subject = pair("unsent", "accepted", { maxFailures: 3, coolDownMs: 1000 });
    for (let n = 0; n < 5; n++) expect(await subject.send()).toMatchObject({ kind: "accepted" });
    expect(subject.counts()).toEqual([3, 5]);
    subject.wait(999);
    await subject.send();
    expect(subject.counts()).toEqual([3, 6]);
    subject.wait(1);
    await Promise.all([subject.send(), subject.send(), subject.send()]);
    expect(subject.counts()).toEqual([4, 9]);
    await subject.send();
    expect(subject.counts()).toEqual([4, 10]);
    subject.wait(1000);
    subject.answers.first = "accepted";
    await subject.send();
    await Promise.all([subject.send(), subject.send()]);
    expect(subject.counts()).toEqual([7, 10]);
  });

  test("a refused device token shows that the transport works", async () => {
    const subject = pair("unsent", "accepted", { maxFailures: 2 });
    await subject.send();
    subject.answers.first = "BadDeviceToken";
    await subject.send();
    subject.answers.first = "unsent";
    await subject.send();
    await subject.send();
    expect(subject.counts()).toEqual([4, 3]);
  });

  test("the caller's own abort says nothing about the transport: the failures before and after it are in a row", async () => {
    const subject = pair("unsent", "accepted", { maxFailures: 2 });
    await subject.send();
    subject.answers.first = unsent("ERR_APNS_ABORTED");
    await subject.send();
    subject.answers.first = "unsent";
    await subject.send();
    await subject.send();
    expect(subject.counts()).toEqual([3, 3]);
  });

  test("of three, the last one is used while the circuit breakers of the others are open", async () => {
    const [one, two] = [0, 1].map(() => new InMemoryTransport({ outcome: () => "unsent" }));
    const three = new InMemoryTransport();
    const transport = failover([one!, two!, three], { maxFailures: 1 });
    for (let count = 0; count < 3; count++)
      expect(await transport.send(hello, "00ff")).toMatchObject({ kind: "accepted" });
    expect([one, two, three].map((inner) => inner!.sent.length)).toEqual([1, 1, 3]);
  });

  test("errors name the function and say what is wanted", () => {
    expect(() => failover([])).toThrow("is not a list of at least one transport, the preferred one first.");
    expect(() => failover([new InMemoryTransport()], { maxFailure: 1 } as never)).toThrow(/failover.*maxFailures/s);
  });

  test("the last transport is used even if its circuit breaker is open", async () => {
    const subject = pair("unsent", "unsent", { maxFailures: 1 });
    await subject.send();
    subject.answers.second = "accepted";
    expect(await subject.send()).toMatchObject({ kind: "accepted" });
  });

  test("a notification that fails while the transport is closed settles with its outcome", async () => {
    let answer: (kind: ScriptedAnswer) => void = () => {};
    const one = new InMemoryTransport({
      outcome: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const transport = failover([one, new InMemoryTransport()]);
    const sending = transport.send(hello, "00ff");
    await new Promise((resolve) => setImmediate(resolve));
    const closing = transport.close();
    answer("ServiceUnavailable");
    expect(await sending).toMatchObject({ kind: "rejected", reason: "ServiceUnavailable", attempts: 1 });
    await closing;
  });

  test("misuse rejects, and opens no circuit breaker", async () => {
    const subject = pair("unsent", "accepted", { maxFailures: 1, coolDownMs: 0 });
    await subject.send();
    await expect(subject.transport.send(hello, "xyz")).rejects.toMatchObject({ code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
    subject.answers.first = "accepted";
    await subject.send();
    expect(subject.one.sent).toHaveLength(2);
  });

  test("the caller's time is shared by all attempts", async () => {
    let now = 0;
    const seen: (number | undefined)[] = [];
    const slow = new InMemoryTransport({
      outcome: ({ options }) => {
        seen.push(options.timeoutMs);
        now += 400;
        return "unsent";
      },
    });
    const transport = failover([slow, slow, slow, slow], { clock: { now: () => now } });
    expect(await transport.send(hello, "00ff", { timeoutMs: 1000 })).toMatchObject({ kind: "unsent" });
    expect(seen).toEqual([1000, 600, 200]);
  });

  test("a flush that is under way asks the next transport too", async () => {
    const flushes: string[] = [];
    let answer: (outcome: ScriptedAnswer) => void = () => {};
    const one = Object.assign(
      new InMemoryTransport({ outcome: () => new Promise<ScriptedAnswer>((resolve) => (answer = resolve)) }),
      { flush: async () => void flushes.push("one") },
    );
    const two = Object.assign(new InMemoryTransport(), { flush: async () => void flushes.push("two") });
    const transport = failover([one, two]);
    const sending = transport.send(hello, "00ff");
    const flushing = transport.flush?.();
    await new Promise((resolve) => setImmediate(resolve));
    answer("unsent");
    await flushing;
    expect(await sending).toMatchObject({ kind: "accepted" });
    expect(flushes).toEqual(["one", "two", "two"]);
  });

  test("uses what the preferred transport can, and closes all", async () => {
    const one = Object.assign(new InMemoryTransport(), { concurrency: 7 });
    const two = Object.assign(new InMemoryTransport(), { concurrency: 9 });
    const transport = failover([one, two]);
    expect([transport.protocol, transport.concurrency]).toEqual(["failover", 7]);
    await transport.close();
    for (const inner of [one, two]) {
      await expect(inner.send(hello, "07")).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
    }
  });

  test.each<[string, () => unknown]>([
    ["transports", () => failover([])],
    ["transports", () => failover(undefined as never)],
    ["maxFailures", () => failover([new InMemoryTransport()], { maxFailures: 0 })],
    ["coolDownMs", () => failover([new InMemoryTransport()], { coolDownMs: -1 })],
    ["resendUnconfirmed", () => failover([new InMemoryTransport()], { resendUnconfirmed: 1 as never })],
  ])("names a wrong %s", (field, make) => {
    expect(make).toThrow(expect.objectContaining({ field }));
  });
});
