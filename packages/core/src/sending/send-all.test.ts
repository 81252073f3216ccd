import { describe, expect, test } from "vitest";
import { ApnsError } from "../errors.js";
import { InMemoryTransport } from "../in-memory-transport.js";
import type { Accepted, Outcome } from "../outcome.js";
import { alert } from "../push-types/alert.js";
import { type SendResult, sendAll } from "./send-all.js";
import type { SendItem } from "./send-source.js";
import type { SendProgress } from "./send-summary.js";

const hello = alert({ aps: { alert: "Hi" } });
const token = (index: number): string => index.toString(16).padStart(8, "0");
const accepted = (deviceToken: string): Accepted => ({ kind: "accepted", deviceToken, apnsId: undefined, attempts: 1 });

function* tokens(count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield token(index);
}

async function collect(run: AsyncIterable<SendResult>): Promise<SendResult[]> {
  const results: SendResult[] = [];
  for await (const result of run) results.push(result);
  return results;
}

/** Leaves every send open until told. */
function heldTransport() {
  const open: { deviceToken: string; settle: (outcome?: Outcome) => void }[] = [];
  const transport = new InMemoryTransport({
    outcome: ({ deviceToken }) =>
      new Promise((resolve) =>
        open.push({ deviceToken, settle: (outcome = accepted(deviceToken)) => resolve(outcome) }),
      ),
  });
  return { transport, open };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("sendAll", () => {
  test("passes over the byte order mark of a file that is read by lines", async () => {
    const transport = new InMemoryTransport();
    const deviceTokens = [`\uFEFF${token(0)}`, token(1), `\uFEFF${token(2)}`];
    const results = await collect(sendAll(transport, { notification: hello, deviceTokens }, { ordered: true }));
    expect(results.map(({ deviceToken, outcome }) => [deviceToken, outcome.kind])).toEqual([
      [token(0), "accepted"],
      [token(1), "accepted"],
      [`\uFEFF${token(2)}`, "unsent"],
    ]);
  });

  test("sends one notification to many devices and yields every outcome with its index", async () => {
    const transport = new InMemoryTransport();
    const results = await collect(sendAll(transport, { notification: hello, deviceTokens: tokens(2500) }));
    expect(results.map((result) => result.index).sort((a, b) => a - b)).toEqual([...Array(2500).keys()]);
    expect(
      results.every((result) => result.outcome.kind === "accepted" && result.deviceToken === token(result.index)),
    ).toBe(true);
  });

  test.each([
    ["an array", (items: SendItem[]) => items],
    [
      "a generator",
      function* (items: SendItem[]) {
        yield* items;
      },
    ],
    [
      "an async generator",
      async function* (items: SendItem[]) {
        yield* items;
      },
    ],
    ["a web stream", (items: SendItem[]) => ReadableStream.from(items) as unknown as AsyncIterable<SendItem>],
  ])("takes %s of items, each with its own options", async (_, source) => {
    const transport = new InMemoryTransport();
    const items = [...tokens(5)].map((deviceToken, index) => ({
      notification: hello,
      deviceToken,
      options: { apnsId: `id-${index}` },
    }));
    const results = await collect(sendAll(transport, source(items), { ordered: true }));
    expect(results.map(({ outcome }) => outcome.apnsId)).toEqual(["id-0", "id-1", "id-2", "id-3", "id-4"]);
    expect(transport.sent.map((send) => send.options)).toEqual(items.map((item) => item.options));
  });

  test("pulls no faster than it sends, and no further than results are read", async () => {
    const { transport, open } = heldTransport();
    let pulled = 0;
    const counting = function* () {
      for (const deviceToken of tokens(100)) {
        pulled++;
        yield deviceToken;
      }
    };
    const run = sendAll(transport, { notification: hello, deviceTokens: counting() }, { concurrency: 10 });
    const iterator = run[Symbol.asyncIterator]();
    const first = iterator.next();
    await tick();
    expect(pulled).toBe(10);
    for (const { settle } of open) settle();
    await first;
    await tick();
    // Nine results wait to be read and hold their place; the one read made room for one more.
    expect(pulled).toBe(11);
    await iterator.next();
    await tick();
    expect(pulled).toBe(12);
    const ended = iterator.return?.();
    for (const { settle } of open) settle();
    await ended;
    expect(pulled).toBe(12);
  });

  test("takes its concurrency from the transport", async () => {
    const { transport, open } = heldTransport();
    const hinting = Object.assign(transport, { concurrency: 7 });
    const run = sendAll(hinting, { notification: hello, deviceTokens: tokens(20) });
    const summary = run.summary();
    await tick();
    expect(open).toHaveLength(7);
    while (open.length > 0) {
      open.shift()!.settle();
      await tick();
    }
    expect((await summary).accepted).toBe(20);
  });

  test("yields as sends settle, or in the order of the source on request", async () => {
    for (const ordered of [false, true]) {
      const { transport, open } = heldTransport();
      const results = collect(sendAll(transport, { notification: hello, deviceTokens: tokens(3) }, { ordered }));
      await tick();
      for (const index of [2, 0, 1]) {
        open[index]!.settle();
        await tick();
      }
      expect((await results).map((result) => result.index)).toEqual(ordered ? [0, 1, 2] : [2, 0, 1]);
    }
  });

  test("counts everything in its summary", async () => {
    let now = 1000;
    const transport = new InMemoryTransport({
      outcome: ({ deviceToken, index }) => {
        if (index === 94) now = 3000;
        if (index % 10 === 0) return rejected(deviceToken, "BadDeviceToken");
        if (index % 10 === 1) return rejected(deviceToken, "Unregistered");
        if (index === 12)
          return {
            kind: "unsent",
            deviceToken,
            apnsId: undefined,
            attempts: 0,
            cause: new ApnsError("ERR_APNS_TIMEOUT", ""),
          };
        if (index === 13)
          return {
            kind: "unconfirmed",
            deviceToken,
            apnsId: undefined,
            attempts: 1,
            cause: new ApnsError("ERR_APNS_SILENCE", ""),
          };
        return accepted(deviceToken);
      },
    });
    const clock = { now: () => now };
    const run = sendAll(transport, { notification: hello, deviceTokens: tokens(95) }, { clock });
    expect(await run.summary()).toEqual({
      sent: 95,
      settled: 95,
      accepted: 73,
      rejected: 20,
      unsent: 1,
      unconfirmed: 1,
      rejectedByReason: { BadDeviceToken: 10, Unregistered: 10 },
      elapsedMs: 2000,
      perSecond: 47.5,
      aborted: false,
    });
  });

  test("reports progress at a bounded rate, and at the end", async () => {
    let now = 0;
    const reports: SendProgress[] = [];
    const transport = new InMemoryTransport({
      outcome: ({ deviceToken }) => {
        now += 10;
        return accepted(deviceToken);
      },
    });
    await sendAll(
      transport,
      { notification: hello, deviceTokens: tokens(100) },
      {
        clock: { now: () => now },
        concurrency: 1,
        progressIntervalMs: 250,
        onProgress: (progress) => reports.push(progress),
      },
    ).summary();
    expect(reports.map((report) => report.settled)).toEqual([25, 50, 75, 100, 100]);
    expect(reports.at(-1)).toMatchObject({ sent: 100, accepted: 100, elapsedMs: 1000, perSecond: 100 });
  });

  test("goes on after an item that `send` rejects as misuse", async () => {
    const transport = new InMemoryTransport();
    const deviceTokens = ["00", "not hexadecimal", "01"];
    const results = await collect(sendAll(transport, { notification: hello, deviceTokens }, { ordered: true }));
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(["accepted", "unsent", "accepted"]);
    expect(results[1]!.outcome).toMatchObject({ attempts: 0, cause: { code: "ERR_APNS_INVALID_DEVICE_TOKEN" } });
  });

  test.each([
    [
      "a generator that throws",
      function* () {
        yield* tokens(3);
        throw new Error("the database went away");
      },
    ],
    [
      "an async generator that throws",
      async function* () {
        yield* tokens(3);
        throw new Error("the database went away");
      },
    ],
  ])("yields what was in flight, then tells of %s", async (_, source) => {
    const transport = new InMemoryTransport();
    const results: SendResult[] = [];
    const run = sendAll(transport, { notification: hello, deviceTokens: source() });
    const reading = (async () => {
      for await (const result of run) results.push(result);
    })();
    await expect(reading).rejects.toMatchObject({
      code: "ERR_APNS_SOURCE",
      message: "The source given to sendAll threw after 3 items: the database went away",
      cause: new Error("the database went away"),
    });
    expect(results.map((result) => result.outcome.kind)).toEqual(["accepted", "accepted", "accepted"]);
    await expect(run.summary()).rejects.toMatchObject({ code: "ERR_APNS_SOURCE" });
  });

  test("throws ERR_APNS_CALLBACK for a progress callback that throws, once everything is settled", async () => {
    const transport = new InMemoryTransport();
    const onProgress = () => {
      throw new Error("broken bar");
    };
    const run = sendAll(
      transport,
      { notification: hello, deviceTokens: tokens(50) },
      { onProgress, progressIntervalMs: 0 },
    );
    await expect(run.summary()).rejects.toMatchObject({ code: "ERR_APNS_CALLBACK", cause: new Error("broken bar") });
  });

  test("yields the outcome whose progress report threw, then throws", async () => {
    const onProgress = () => {
      throw new Error("broken bar");
    };
    const run = sendAll(
      new InMemoryTransport(),
      { notification: hello, deviceTokens: tokens(50) },
      { onProgress, progressIntervalMs: 0, concurrency: 1 },
    );
    const results: SendResult[] = [];
    const reading = (async () => {
      for await (const result of run) results.push(result);
    })();
    await expect(reading).rejects.toMatchObject({ code: "ERR_APNS_CALLBACK" });
    expect(results.map(({ index }) => index)).toEqual([0]);
  });

  test("stops pulling when aborted, and settles what is in flight", async () => {
    const { transport, open } = heldTransport();
    const controller = new AbortController();
    let closed = false;
    const endless = function* () {
      try {
        for (let index = 0; ; index++) yield token(index);
      } finally {
        closed = true;
      }
    };
    const options = { signal: controller.signal, concurrency: 4 };
    const run = sendAll(transport, { notification: hello, deviceTokens: endless() }, options);
    const results = collect(run);
    await tick();
    controller.abort();
    expect(closed).toBe(true);
    for (const { settle } of open) settle();
    expect(await results).toHaveLength(4);
    expect(await run.summary()).toMatchObject({ sent: 4, settled: 4, aborted: true });
  });

  test("yields the outcome in whose progress report the caller aborts", async () => {
    const controller = new AbortController();
    const options = {
      concurrency: 1,
      progressIntervalMs: 0,
      onProgress: ({ settled }: SendProgress) => {
        if (settled === 3) controller.abort();
      },
      signal: controller.signal,
    };
    const run = sendAll(new InMemoryTransport(), { notification: hello, deviceTokens: tokens(100) }, options);
    expect((await collect(run)).map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(await run.summary()).toMatchObject({ sent: 3, settled: 3, aborted: true });
  });

  test("sends nothing that a source yields after it has aborted itself", async () => {
    const controller = new AbortController();
    const transport = new InMemoryTransport();
    let closed = false;
    const source = function* () {
      try {
        yield token(0);
        controller.abort();
        yield token(1);
      } finally {
        closed = true;
      }
    };
    const run = sendAll(
      transport,
      { notification: hello, deviceTokens: source() },
      { signal: controller.signal, concurrency: 1 },
    );
    expect((await collect(run)).map(({ index }) => index)).toEqual([0]);
    expect(await run.summary()).toMatchObject({ sent: 1, settled: 1, aborted: true });
    expect({ sent: transport.sent.length, closed }).toEqual({ sent: 1, closed: true });
  });

  test("sends nothing if aborted before it began", async () => {
    const transport = new InMemoryTransport();
    const run = sendAll(transport, { notification: hello, deviceTokens: tokens(4) }, { signal: AbortSignal.abort() });
    expect(await run.summary()).toMatchObject({ sent: 0, aborted: true });
  });

  test("ends at once and cleanly when the loop is left early", async () => {
    let pulled = 0;
    const source = async function* () {
      for (const deviceToken of tokens(1000)) {
        pulled++;
        yield deviceToken;
      }
    };
    const run = sendAll(new InMemoryTransport(), { notification: hello, deviceTokens: source() }, { concurrency: 5 });
    for await (const result of run) {
      expect(result.outcome.kind).toBe("accepted");
      break;
    }
    const pulledThen = pulled;
    await tick();
    expect(pulled).toBe(pulledThen);
    expect(pulled).toBeLessThan(12);
    expect((await run.summary()).settled).toBeLessThan(12);
  });

  test("ends when aborted while a pull from the source is pending", async () => {
    const controller = new AbortController();
    const silent = async function* () {
      yield "00";
      await new Promise(() => {});
    };
    const run = sendAll(
      new InMemoryTransport(),
      { notification: hello, deviceTokens: silent() },
      { signal: controller.signal },
    );
    for await (const { index } of run) {
      expect(index).toBe(0);
      controller.abort();
    }
    expect(await run.summary()).toMatchObject({ sent: 1, settled: 1, aborted: true });
  });

  test("ignores the error of a source that fails because of the same signal", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const source = async function* () {
      yield "00";
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const { transport, open } = heldTransport();
    const results = collect(sendAll(transport, { notification: hello, deviceTokens: source() }, { signal }));
    await tick();
    controller.abort();
    await tick();
    open[0]!.settle();
    expect(await results).toMatchObject([{ index: 0, outcome: { kind: "accepted" } }]);
  });

  test("waits for a source that closes when the loop is left early", async () => {
    let closed = false;
    const source = async function* () {
      try {
        yield* tokens(1000);
      } finally {
        await tick();
        closed = true;
      }
    };
    for await (const _ of sendAll(
      new InMemoryTransport(),
      { notification: hello, deviceTokens: source() },
      { concurrency: 1 },
    ))
      break;
    expect(closed).toBe(true);
  });

  test.each([false, true])(
    "yields everything although the summary was asked for first (ordered: %s)",
    async (ordered) => {
      const run = sendAll(new InMemoryTransport(), { notification: hello, deviceTokens: tokens(50) }, { ordered });
      const summary = run.summary();
      expect(await collect(run)).toHaveLength(50);
      expect(await summary).toMatchObject({ accepted: 50 });
    },
  );

  test("begun by summary() and iterated over later, yields the remaining results", async () => {
    const { transport, open } = heldTransport();
    const run = sendAll(transport, { notification: hello, deviceTokens: tokens(4) }, { ordered: true, concurrency: 2 });
    const summary = run.summary();
    await tick();
    open[0]!.settle();
    await tick();
    const results = collect(run);
    for (const { settle } of open) settle();
    await tick();
    for (const { settle } of open) settle();
    expect((await results).map(({ index }) => index)).toEqual([1, 2, 3]);
    expect(await summary).toMatchObject({ accepted: 4 });
  });

  test("flushes the transport when the source ends", async () => {
    let flushed = 0;
    const { transport, open } = heldTransport();
    const flushing = Object.assign(transport, {
      flush: async () => {
        flushed++;
        await tick();
        for (const { settle } of open) settle();
      },
    });
    const summary = sendAll(flushing, { notification: hello, deviceTokens: tokens(3) }).summary();
    await tick();
    expect((await summary).accepted).toBe(3);
    expect(flushed).toBe(1);
  });

  test("starts nothing until it is read", async () => {
    const transport = new InMemoryTransport();
    sendAll(transport, { notification: hello, deviceTokens: tokens(3) });
    await tick();
    expect(transport.sent).toHaveLength(0);
  });

  test.each([
    ["a string", "abcd", 'source: "abcd" is not a list or stream; put it into an array.'],
    ["nothing", undefined, "source: undefined is not a list or stream; put it into an array."],
    ["an object", {}, "source: an object is neither iterable nor async iterable."],
    [
      "one token",
      { notification: hello, deviceTokens: "abcd" },
      'source.deviceTokens: "abcd" is not a list or stream; put it into an array.',
    ],
  ])("refuses %s as a source", (_, source, message) => {
    expect(() => sendAll(new InMemoryTransport(), source as SendItem[])).toThrow(message);
  });

  test("refuses a concurrency that is not a whole number of at least 1", () => {
    expect(() => sendAll(new InMemoryTransport(), [], { concurrency: 0 })).toThrow(
      "concurrency: 0 is not a whole number of at least 1.",
    );
  });

  test("keeps memory flat for any number of device tokens", async () => {
    let most = 0;
    let open = 0;
    const transport = new InMemoryTransport({
      maxRecorded: 0,
      outcome: ({ deviceToken }) => {
        open--;
        return accepted(deviceToken);
      },
    });
    const source = function* () {
      for (let index = 0; index < 300_000; index++) {
        most = Math.max(most, ++open);
        yield token(index);
      }
    };
    let read = 0;
    for await (const _ of sendAll(transport, { notification: hello, deviceTokens: source() }, { concurrency: 100 }))
      read++;
    expect(read).toBe(300_000);
    expect(most).toBeLessThanOrEqual(100);
  });
});

function rejected(deviceToken: string, reason: string): Outcome {
  return {
    kind: "rejected",
    deviceToken,
    apnsId: undefined,
    attempts: 1,
    reason,
    httpStatus: 400,
    retryable: false,
    dropToken: false,
  };
}
