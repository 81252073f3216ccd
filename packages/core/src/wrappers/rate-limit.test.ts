import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InMemoryTransport } from "../in-memory-transport.js";
import type { Outcome } from "../outcome.js";
import { alert } from "../push-types/alert.js";
import type { SendOptions } from "../transport.js";
import { type RateLimitOptions, rateLimit } from "./rate-limit.js";

const hello = alert({ aps: { alert: "Hi" } });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function limited(options: RateLimitOptions) {
  const inner = new InMemoryTransport({ maxRecorded: 1_000_000 });
  const transport = rateLimit(inner, options);
  const settled: Outcome[] = [];
  const send = (sendOptions?: SendOptions, deviceToken = "00ff"): Promise<Outcome> => {
    const sending = transport.send(hello, deviceToken, sendOptions);
    sending.then(
      (outcome) => settled.push(outcome),
      () => {},
    );
    return sending;
  };
  const sendMany = (count: number): void => {
    for (let n = 0; n < count; n++) void send();
  };
  return { inner, transport, send, sendMany, settled, sent: () => inner.sent.length };
}

describe("rateLimit", () => {
  test("lets as many through as are due, evenly", async () => {
    const { sendMany, sent } = limited({ perSecond: 1000 });
    sendMany(5000);
    expect(sent()).toBe(20);
    const every100Ms: number[] = [];
    for (let before = sent(), n = 0; n < 10; n++) {
      await vi.advanceTimersByTimeAsync(100);
      every100Ms.push(sent() - before);
      before = sent();
    }
    for (const count of every100Ms) expect(Math.abs(count - 100)).toBeLessThanOrEqual(2);
    expect(sent()).toBe(1020);
  });

  test.each([
    [1, 10_000, 11],
    [0.5, 10_000, 6],
    [100_000, 1_000, 102_000],
  ])("%d per second for %d ms are %d with the first burst", async (perSecond, milliseconds, count) => {
    const { sendMany, sent } = limited({ perSecond, maxQueued: 1_000_000 });
    sendMany(150_000);
    await vi.advanceTimersByTimeAsync(milliseconds);
    expect(Math.abs(sent() - count)).toBeLessThanOrEqual(count / 1000);
  });

  test.each<[string, object]>([
    ["signal", { signal: {} }],
    ["timeoutMs", { timeoutMs: "5" }],
    ["tiemoutMs", { tiemoutMs: 5 }],
  ])("refuses a wrong %s at once, also from a send that would wait", async (field, options) => {
    const transport = rateLimit(new InMemoryTransport(), { perSecond: 0.001, burst: 1 });
    await transport.send(hello, "00ff");
    await expect(transport.send(hello, "00ff", options)).rejects.toMatchObject({
      code: "ERR_APNS_INVALID_ARGUMENT",
      field,
    });
    expect(transport.queued).toBe(0);
    await transport.close();
  });

  test("after a pause, no more than a burst is sent at once", async () => {
    const { sendMany, sent } = limited({ perSecond: 10, burst: 5 });
    await vi.advanceTimersByTimeAsync(60_000);
    sendMany(100);
    expect(sent()).toBe(5);
  });

  test("keeps the order, and hands on what was given", async () => {
    const { send, inner } = limited({ perSecond: 100 });
    for (let n = 0; n < 8; n++) void send({ apnsId: `id ${n}` }, `0${n}`);
    await vi.advanceTimersByTimeAsync(1000);
    expect(inner.sent.map(({ deviceToken, options }) => [deviceToken, options.apnsId])).toEqual(
      Array.from({ length: 8 }, (_, n) => [`0${n}`, `id ${n}`]),
    );
  });

  test("the rate can be changed while notifications wait", async () => {
    const { transport, sendMany, sent } = limited({ perSecond: 1 });
    sendMany(1000);
    await vi.advanceTimersByTimeAsync(3000);
    expect(sent()).toBe(4);
    transport.perSecond = 100;
    await vi.advanceTimersByTimeAsync(1000);
    expect(Math.abs(sent() - 104)).toBeLessThanOrEqual(2);
    expect(transport.queued).toBe(1000 - sent());
  });

  test("waiting counts against the time allowed", async () => {
    const { send, inner, settled } = limited({ perSecond: 1 });
    void send();
    void send({ timeoutMs: 1500 });
    void send({ timeoutMs: 500 });
    await vi.advanceTimersByTimeAsync(499);
    expect(settled).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(settled[1]).toMatchObject({ kind: "unsent", attempts: 0, cause: { code: "ERR_APNS_TIMEOUT" } });
    await vi.advanceTimersByTimeAsync(1000);
    expect(inner.sent.map(({ options }) => options.timeoutMs)).toEqual([undefined, 500]);
  });

  test("a send that is aborted while it waits takes no token", async () => {
    const { send, sent, settled, transport } = limited({ perSecond: 1 });
    const abort = new AbortController();
    void send();
    void send({ signal: abort.signal, apnsId: "x" });
    void send();
    abort.abort(new Error("enough"));
    await vi.advanceTimersByTimeAsync(0);
    expect(settled.find(({ apnsId }) => apnsId === "x")).toMatchObject({
      kind: "unsent",
      attempts: 0,
      cause: { code: "ERR_APNS_ABORTED", cause: { message: "enough" } },
    });
    expect(await send({ signal: abort.signal })).toMatchObject({ cause: { code: "ERR_APNS_ABORTED" } });
    await vi.advanceTimersByTimeAsync(1000);
    expect([sent(), transport.queued]).toEqual([2, 0]);
  });

  test("a send that finds the queue full is unsent", async () => {
    const { send } = limited({ perSecond: 1, maxQueued: 1 });
    void send();
    void send();
    expect(await send()).toMatchObject({
      kind: "unsent",
      cause: { code: "ERR_APNS_QUEUE_FULL", message: expect.stringMatching(/sendAll.*larger maxQueued/) },
    });
  });

  test("close sends at the rate for its timeoutMs, and settles the rest as unsent", async () => {
    const { transport, sendMany, settled, send } = limited({ perSecond: 10 });
    sendMany(30);
    const closing = transport.close({ timeoutMs: 1000 });
    await expect(send()).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
    await vi.advanceTimersByTimeAsync(1000);
    await closing;
    const kinds = settled.map(({ kind }) => kind);
    expect(kinds.length).toBe(30);
    const accepted = kinds.filter((kind) => kind === "accepted").length;
    expect(Math.abs(accepted - 11)).toBeLessThanOrEqual(1);
    expect(settled.at(-1)).toMatchObject({ kind: "unsent", cause: { code: "ERR_APNS_TRANSPORT_CLOSED" } });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a second close with less time shortens the first, here and in the transport inside", async () => {
    const { transport, sendMany, settled } = limited({ perSecond: 10 });
    sendMany(30);
    const closing = [60_000, 500, 60_000].map((timeoutMs) => transport.close({ timeoutMs }));
    await vi.advanceTimersByTimeAsync(500);
    await Promise.all(closing);
    expect(settled).toHaveLength(30);
    const inner = new InMemoryTransport();
    const times: (number | undefined)[] = [];
    let close = (): void => {};
    inner.close = (options) => {
      times.push(options?.timeoutMs);
      return new Promise((resolve) => {
        close = resolve;
      });
    };
    const idle = rateLimit(inner, { perSecond: 10 });
    const first = idle.close({ timeoutMs: 5_000 });
    await vi.advanceTimersByTimeAsync(0);
    const second = idle.close({ timeoutMs: 0 });
    close();
    await vi.advanceTimersByTimeAsync(0);
    expect(times).toEqual([5_000, 0]);
    expect(vi.getTimerCount()).toBe(0);
    void [first, second];
  });

  test("close ends as soon as nothing waits", async () => {
    const { transport, sendMany, settled } = limited({ perSecond: 1000 });
    sendMany(50);
    const closing = transport.close();
    await vi.advanceTimersByTimeAsync(40);
    await closing;
    expect(settled.filter(({ kind }) => kind === "accepted")).toHaveLength(50);
  });

  test("a flush waits for sends in the queue", async () => {
    let flushedAfter: number | undefined;
    const inner = Object.assign(new InMemoryTransport(), {
      flush: async () => {
        flushedAfter = inner.sent.length;
      },
    });
    const transport = rateLimit(inner, { perSecond: 100 });
    for (let n = 0; n < 10; n++) void transport.send(hello, "00ff");
    const flushing = transport.flush?.();
    await vi.advanceTimersByTimeAsync(1000);
    await flushing;
    expect(flushedAfter).toBe(10);
  });

  test("a flush does not wait for later sends", async () => {
    const inner = Object.assign(new InMemoryTransport(), { flush: () => Promise.resolve() });
    const transport = rateLimit(inner, { perSecond: 100 });
    const send = (): void => void transport.send(hello, "00ff");
    for (let n = 0; n < 10; n++) send();
    let flushedAfter: number | undefined;
    void transport.flush?.().then(() => {
      flushedAfter = inner.sent.length;
    });
    // Always more than the rate lets through: something waits at any time.
    for (let n = 0; n < 50; n++) {
      send();
      send();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(transport.queued).toBeGreaterThan(0);
    expect(flushedAfter).toBe(10);
    const closing = transport.close({ timeoutMs: 0 });
    await vi.advanceTimersByTimeAsync(0);
    await closing;
  });

  test.each<[string, Partial<RateLimitOptions>]>([
    ["perSecond", { perSecond: 0 }],
    ["perSecond", { perSecond: Number.NaN }],
    ["perSecond", { perSecond: Number.POSITIVE_INFINITY }],
    ["burst", { burst: 0 }],
    ["maxQueued", { maxQueued: -1 }],
  ])("names a wrong %s", (field, options) => {
    expect(() => limited({ perSecond: 1, ...options })).toThrow(expect.objectContaining({ field }));
  });

  test("puts one listener on a signal that twenty thousand sends share, and ends them together", async () => {
    const { send, settled } = limited({ perSecond: 1, maxQueued: 100_000 });
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    void send();
    for (let n = 0; n < 20_000; n++) void send({ signal });
    controller.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(listeners).toBe(1);
    expect(settled.filter(({ kind }) => kind === "unsent")).toHaveLength(20_000);
  });
});
