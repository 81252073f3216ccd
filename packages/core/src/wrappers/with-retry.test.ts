import { describe, expect, test } from "vitest";
import { ApnsError } from "../errors.js";
import { InMemoryTransport } from "../in-memory-transport.js";
import { waitingOnly } from "../internal/transport-stats.js";
import { type Outcome, rejectedByHttp } from "../outcome.js";
import { alert } from "../push-types/alert.js";
import type { SendOptions, Transport } from "../transport.js";
import { type RetryPolicy, withRetry } from "./with-retry.js";

const hello = alert({ aps: { alert: "Hi" } });
const deviceToken = "00ff";
const base = { deviceToken, apnsId: undefined, attempts: 1 };
const accepted: Outcome = { ...base, kind: "accepted" };
const busy = (retryAfterMs?: number): Outcome =>
  rejectedByHttp(base, { reason: "ServiceUnavailable", httpStatus: 503, retryAfterMs });
const dead: Outcome = rejectedByHttp(base, { reason: "Unregistered", httpStatus: 410 });
const unsent = (code = "ERR_APNS_TIMEOUT", more: object = {}): Outcome => ({
  ...base,
  kind: "unsent",
  attempts: 0,
  cause: Object.assign(new ApnsError(code, "Not sent."), more),
});
const unconfirmed: Outcome = {
  ...base,
  kind: "unconfirmed",
  cause: new ApnsError("ERR_APNS_CONNECTION_LOST", "Lost."),
};

/** Gives the outcomes one after the other, and notes how long it was waited between them. */
function scripted(outcomes: readonly Outcome[], policy: RetryPolicy = {}) {
  const script = [...outcomes];
  const waits: number[] = [];
  const inner = new InMemoryTransport({ outcome: () => script.shift()! });
  let now = 0;
  const transport = withRetry(inner, {
    random: () => 0.5,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
    clock: { now: () => now },
    ...policy,
  });
  return { transport, inner, waits };
}

describe("withRetry", () => {
  test.each<[string, Outcome[], string, number, number[]]>([
    ["accepted at once", [accepted], "accepted", 1, []],
    ["refused for good", [dead], "rejected", 1, []],
    ["unavailable twice, waits doubling", [busy(), busy(), accepted], "accepted", 3, [750, 1500]],
    ["unavailable for ever: four times in all", [busy(), busy(), busy(), busy()], "rejected", 4, [750, 1500, 3000]],
    ["asked to wait longer", [busy(5_000), accepted], "accepted", 2, [5_000]],
    ["asked to wait shorter than we would", [busy(1), accepted], "accepted", 2, [750]],
    ["asked to wait as long as is allowed", [busy(60_000), accepted], "accepted", 2, [60_000]],
    ["asked to wait too long: given back", [busy(60_001)], "rejected", 1, []],
    ["never written, then accepted", [unsent(), accepted], "accepted", 1, [750]],
    ["never written for ever", [unsent(), unsent(), unsent(), unsent()], "unsent", 0, [750, 1500, 3000]],
    ["maybe processed: never again", [unconfirmed], "unconfirmed", 1, []],
    ["aborted by the caller", [unsent("ERR_APNS_ABORTED")], "unsent", 0, []],
    ["closed", [unsent("ERR_APNS_TRANSPORT_CLOSED")], "unsent", 0, []],
    ["credentials that cannot be used", [unsent("ERR_APNS_CREDENTIALS")], "unsent", 0, []],
    ["a server not to be trusted", [unsent("ERR_APNS_CONNECT_FAILED", { retryable: false })], "unsent", 0, []],
    ["nobody listening", [unsent("ERR_APNS_CONNECT_FAILED", { retryable: true }), accepted], "accepted", 1, [750]],
  ])("%s", async (_, outcomes, kind, attempts, waits) => {
    const { transport, inner, waits: waited } = scripted(outcomes);
    expect(await transport.send(hello, deviceToken)).toMatchObject({ kind, attempts, deviceToken });
    expect(waited).toEqual(waits);
    expect(inner.sent).toHaveLength(outcomes.length);
  });

  test("sends unconfirmed notifications again only with resendUnconfirmed, and stays unconfirmed if the next attempt is unsent", async () => {
    const again = scripted([unconfirmed, accepted], { resendUnconfirmed: true });
    expect(await again.transport.send(hello, deviceToken)).toMatchObject({ kind: "accepted", attempts: 2 });
    const doubtful = scripted([unconfirmed, unsent()], { resendUnconfirmed: true, attempts: 2 });
    expect(await doubtful.transport.send(hello, deviceToken)).toMatchObject({ kind: "unconfirmed", attempts: 1 });
  });

  test("waits no longer than maxDelayMs, and varies by half", async () => {
    const least = scripted([busy(), busy(), busy(), accepted], { maxDelayMs: 2_000, random: () => 0 });
    await least.transport.send(hello, deviceToken);
    expect(least.waits).toEqual([500, 1000, 1000]);
    const most = scripted([busy(), busy(), busy(), accepted], { maxDelayMs: 2_000, random: () => 0.9999 });
    await most.transport.send(hello, deviceToken);
    expect(most.waits).toEqual([1000, 2000, 2000]);
  });

  test("a send's timeoutMs bounds all attempts and waits", async () => {
    const { transport, inner, waits } = scripted([busy(), busy(), busy()]);
    expect(await transport.send(hello, deviceToken, { timeoutMs: 3_000 })).toMatchObject({
      kind: "rejected",
      attempts: 3,
    });
    expect(waits).toEqual([750, 1500]);
    expect(inner.sent.map(({ options }) => options.timeoutMs)).toEqual([3_000, 2_250, 750]);
  });

  test("an abort ends the wait with the last outcome", async () => {
    const inner = new InMemoryTransport({ outcome: () => busy() });
    const controller = new AbortController();
    const sending = withRetry(inner, { baseDelayMs: 60_000 }).send(hello, deviceToken, { signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    expect(await sending).toMatchObject({ kind: "rejected", attempts: 1 });
    expect(inner.sent).toHaveLength(1);
  });

  test("closing ends the wait with the last outcome, and closes the transport", async () => {
    const inner = new InMemoryTransport({ outcome: () => busy() });
    const transport = withRetry(inner, { baseDelayMs: 60_000 });
    const sending = transport.send(hello, deviceToken);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await transport.close();
    expect(await sending).toMatchObject({ kind: "rejected", attempts: 1 });
    await expect(transport.send(hello, deviceToken)).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
  });

  test.each<[string, (transport: Transport, caller: AbortController) => unknown]>([
    ["closed", (transport) => void transport.close()],
    ["given up by the caller", (_, caller) => caller.abort()],
  ])("does not begin to wait if it was %s while the notification was under way", async (_, end) => {
    let answer: (outcome: Outcome) => void = () => {};
    const inner = new InMemoryTransport({ outcome: () => new Promise((resolve) => (answer = resolve)) });
    const sleeps: number[] = [];
    const caller = new AbortController();
    const transport = withRetry(inner, { sleep: async (milliseconds) => void sleeps.push(milliseconds) });
    const sending = transport.send(hello, deviceToken, { signal: caller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    end(transport, caller);
    answer(busy());
    expect(await sending).toMatchObject({ kind: "rejected", attempts: 1 });
    expect([inner.sent.length, sleeps]).toEqual([1, []]);
  });

  test("a notification that waits is counted as queued, and is not when it is sent again", async () => {
    const script = [busy(), accepted];
    const inner = new InMemoryTransport({ outcome: () => script.shift()! });
    let wakeUp: () => void = () => {};
    const transport = withRetry(inner, { sleep: () => new Promise((resolve) => (wakeUp = resolve)) });
    const sending = transport.send(hello, deviceToken);
    await new Promise((resolve) => setImmediate(resolve));
    expect(transport.stats()).toMatchObject({ queued: 1 });
    wakeUp();
    expect(await sending).toMatchObject({ kind: "accepted" });
    expect(transport.stats()).toMatchObject({ queued: 0 });
  });

  test("flush waits for repetitions, and asks again for their verdicts", async () => {
    let flushes = 0;
    const waiting: (() => void)[] = [];
    const script = [busy(), accepted];
    // Settles only when flushed, as the legacy wire does.
    const inner: Transport = {
      protocol: "binary",
      concurrency: 7,
      send: () => new Promise<Outcome>((resolve) => waiting.push(() => resolve(script.shift()!))),
      flush: async () => {
        flushes++;
        for (const settle of waiting.splice(0)) settle();
      },
      stats: () => waitingOnly(0, 0),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    const transport = withRetry(inner, { baseDelayMs: 1 });
    const sending = transport.send(hello, deviceToken);
    await transport.flush!();
    expect(flushes).toBe(2);
    expect(await sending).toMatchObject({ kind: "accepted", attempts: 2 });
    expect(transport).toMatchObject({ protocol: "binary", concurrency: 7 });
  });

  test("has flush and concurrency only if the transport has them", () => {
    const transport = withRetry(new InMemoryTransport());
    expect(transport.flush).toBeUndefined();
    expect(transport.concurrency).toBeUndefined();
  });

  test("misuse is thrown, not repeated; a wrong policy is named", async () => {
    const { transport, inner } = scripted([]);
    await expect(transport.send(hello, "xyz", {} as SendOptions)).rejects.toMatchObject({ field: "deviceToken" });
    expect(inner.sent).toHaveLength(0);
    expect(() => withRetry({} as Transport)).toThrow(expect.objectContaining({ field: "transport" }) as Error);
    expect(() => withRetry(inner, { attempt: 3 } as RetryPolicy)).toThrow(/withRetry.*attempts/s);
    for (const [name, value] of [
      ["attempts", 0],
      ["baseDelayMs", -1],
      ["maxDelayMs", 2 ** 31],
      ["maxRetryAfterMs", -1],
      ["resendUnconfirmed", "yes"],
      ["random", 0.5],
      ["sleep", 1000],
    ] as const) {
      expect(() => withRetry(inner, { [name]: value } as RetryPolicy)).toThrow(
        expect.objectContaining({ field: name }) as Error,
      );
    }
  });

  test("puts one listener on a signal that many waiting sends share", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    const inner = new InMemoryTransport({ outcome: () => busy() });
    const transport = withRetry(inner, {
      sleep: (_, wait) => new Promise((resolve) => wait.addEventListener("abort", () => resolve())),
    });
    const sends = Array.from({ length: 1000 }, () => transport.send(hello, deviceToken, { signal }));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const whileWaiting = listeners;
    controller.abort();
    const outcomes = await Promise.all(sends);
    expect(outcomes.filter(({ kind, attempts }) => kind === "rejected" && attempts === 1)).toHaveLength(1000);
    // InMemoryTransport puts none on it; one is the registry's.
    expect(whileWaiting).toBe(1);
  });
});
