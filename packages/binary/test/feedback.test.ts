import { createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { testIdentities } from "@apns/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type FeedbackOptions,
  feedback,
  type PollFeedbackOptions,
  pollFeedback,
  type UnregisteredToken,
} from "../src/index.js";
import { listen } from "./raw-gateway.js";
import { feedbackLists, token32 } from "./vectors.js";

const list = feedbackLists.F2.hex.replaceAll(" ", "");
const entries = [
  { deviceToken: token32, unregisteredAt: new Date("2023-11-14T22:13:20.000Z") },
  { deviceToken: "fe".repeat(32), unregisteredAt: new Date("2038-01-19T03:14:09.000Z") },
];

/** A feedback service with a script for each connection. */
async function service(serve: (socket: TLSSocket, raw: Socket, number: number) => unknown): Promise<FeedbackOptions> {
  const { ca, server: identity, client } = await testIdentities();
  const secureContext = createSecureContext({ ...identity, maxVersion: "TLSv1.2" });
  const sockets = new Set<Socket>();
  const server = createServer((raw) => {
    const number = sockets.size;
    sockets.add(raw);
    raw.setNoDelay(true);
    raw.on("error", () => {});
    const socket = new TLSSocket(raw, { isServer: true, secureContext, requestCert: true, rejectUnauthorized: false });
    socket.on("error", () => {});
    socket.once("secure", () => void serve(socket, raw, number));
  });
  const port = await listen(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { environment: { host: "127.0.0.1", port, ca }, auth: { type: "certificate", ...client } };
}

async function readAll(options: FeedbackOptions): Promise<{ read: UnregisteredToken[]; error: unknown }> {
  const read: UnregisteredToken[] = [];
  try {
    for await (const entry of feedback(options)) read.push(entry);
    return { read, error: undefined };
  } catch (error) {
    return { read, error };
  }
}

describe("feedback", () => {
  test.each([
    ["in one piece", [38 * 2]],
    ["byte by byte", Array<number>(76).fill(1)],
    ["cut inside the second", [40, 36]],
  ])("is read to its end: %s", async (_, sizes) => {
    const options = await service(async (socket) => {
      let at = 0;
      for (const size of sizes) {
        await new Promise((resolve) => socket.write(Buffer.from(list.slice(at * 2, (at + size) * 2), "hex"), resolve));
        at += size;
      }
      socket.end();
    });
    expect(await readAll(options)).toEqual({ read: entries, error: undefined });
  });

  test("may be empty, and is asked for anew by each iteration", async () => {
    const options = await service((socket) => socket.end());
    expect(await readAll(options)).toEqual({ read: [], error: undefined });
    expect(await readAll(options)).toEqual({ read: [], error: undefined });
  });

  test("takes device tokens of any length", async () => {
    const options = await service((socket) => socket.end(Buffer.from("000000010001ff0000000200030a0b0c", "hex")));
    const { read } = await readAll(options);
    expect(read.map(({ deviceToken }) => deviceToken)).toEqual(["ff", "0a0b0c"]);
  });

  test("reads 100,000 entries, however slowly they are taken", async () => {
    const options = await service((socket) => socket.end(Buffer.from(list.slice(0, 76).repeat(100_000), "hex")));
    let count = 0;
    for await (const { deviceToken } of feedback(options)) {
      if (count++ % 20_000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(deviceToken).toBe(token32);
    }
    expect(count).toBe(100_000);
  });

  test.each<[string, (socket: TLSSocket, raw: Socket) => void, object, RegExp]>([
    [
      "the list ends inside an entry",
      (socket) => socket.end(Buffer.from(list.slice(0, (38 + 20) * 2), "hex")),
      { code: "ERR_APNS_PROTOCOL", entries: 1, cutBytes: 20 },
      /ends 20 bytes into an entry of 38, after 1 whole entries/,
    ],
    [
      "the list ends inside an entry's head",
      (socket) => socket.end(Buffer.from(list.slice(0, (38 + 5) * 2), "hex")),
      { code: "ERR_APNS_PROTOCOL", entries: 1, cutBytes: 5 },
      /ends 5 bytes into an entry, after 1 whole entries/,
    ],
    [
      "the connection is reset",
      (socket, raw) => {
        socket.write(Buffer.from(list.slice(0, 76), "hex"));
        // Right behind the bytes, a reset cannot be told from an end by what Node shows.
        setTimeout(() => raw.resetAndDestroy(), 20);
      },
      { code: "ERR_APNS_CONNECTION_LOST", entries: 1, cutBytes: 0 },
      /broke .*before the list was ended, after 1 whole entries/,
    ],
    [
      "the service falls silent",
      (socket) => socket.write(Buffer.from(list.slice(0, 80), "hex")),
      { code: "ERR_APNS_TIMEOUT", entries: 1, cutBytes: 2 },
      /silent for 60 ms 2 bytes into an entry, after 1 whole entries/,
    ],
  ])("%s: what was read is handed over, then the error says how much", async (_, serve, wanted, message) => {
    const { read, error } = await readAll({ ...(await service(serve)), readTimeoutMs: 60 });
    expect(read).toEqual(entries.slice(0, 1));
    expect(error).toMatchObject({ name: "FeedbackCutError", ...wanted });
    expect((error as Error).message).toMatch(message);
  });

  test("a service that falls silent while its entries are taken slowly is an error all the same", async () => {
    const options = await service((socket) => socket.write(Buffer.from(list.slice(0, 76).repeat(20_000), "hex")));
    let count = 0;
    const reading = (async () => {
      for await (const _ of feedback({ ...options, readTimeoutMs: 60 })) {
        // Long enough that the silence begins while nothing more is read.
        if (++count === 1) await new Promise((resolve) => setTimeout(resolve, 300));
      }
    })();
    await expect(reading).rejects.toMatchObject({ name: "FeedbackCutError", code: "ERR_APNS_TIMEOUT" });
    expect(count).toBe(20_000);
  });

  test("a process that was busy does not take its own delay for the service's", async () => {
    const options = await service(async (socket) => {
      await new Promise((resolve) => socket.write(Buffer.from(list.slice(0, 76), "hex"), resolve));
      // Time to read that; what follows is in the kernel, and this process does not read it before the time is up.
      await new Promise((resolve) => setTimeout(resolve, 30));
      // Timers come first then.
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(Buffer.from(list.slice(76), "hex"));
      const end = performance.now() + 700;
      while (performance.now() < end);
      socket.end();
    });
    expect(await readAll({ ...options, readTimeoutMs: 500 })).toEqual({ read: entries, error: undefined });
  });

  test("a service that cannot be reached, or an abort, is an error", async () => {
    const options = await service((_, raw) => raw.pause());
    const { error } = await readAll({ ...options, environment: { host: "127.0.0.1", port: 1 } });
    expect(error).toMatchObject({ code: "ERR_APNS_CONNECT_FAILED" });
    const late = await readAll({ ...options, signal: AbortSignal.timeout(30) });
    expect(late.error).toMatchObject({ code: "ERR_APNS_ABORTED" });
    const early = await readAll({ ...options, signal: AbortSignal.abort() });
    expect(early.error).toMatchObject({ code: "ERR_APNS_ABORTED" });
  });

  test("leaving the loop disconnects", async () => {
    const closed = new Promise<void>((resolve) => {
      void service((socket) => {
        socket.on("close", () => resolve());
        socket.write(Buffer.from(list, "hex"));
      }).then(async (options) => {
        for await (const _ of feedback(options)) break;
      });
    });
    await closed;
  });

  test("bad options are named at once", () => {
    const cert = { auth: { type: "certificate", cert: "x", key: "y" } } as const;
    expect(() => feedback({ environment: "production" } as FeedbackOptions)).toThrow(/^auth: /);
    expect(() => feedback({ environment: "staging" as "production", ...cert })).toThrow(/^environment: /);
    expect(() => feedback({ environment: "production", ...cert })).toThrow(
      expect.objectContaining({ code: "ERR_APNS_CREDENTIALS" }),
    );
  });
});

describe("polling", () => {
  test("reads list after list, asks for the next only when the last is dealt with, and survives a failure", async () => {
    let connections = 0;
    const options = await service((socket, raw, number) => {
      connections++;
      if (number === 1) setTimeout(() => raw.resetAndDestroy(), 20);
      else socket.end(Buffer.from(list, "hex"));
    });
    const controller = new AbortController();
    const errors: unknown[] = [];
    const polling: PollFeedbackOptions = {
      ...options,
      intervalMs: 5,
      signal: controller.signal,
      onError: ({ code }) => void errors.push(code),
    };
    const seen: string[] = [];
    for await (const { deviceToken } of pollFeedback(polling)) {
      const before = connections;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(connections).toBe(before);
      seen.push(deviceToken);
      if (seen.length === 4) controller.abort();
    }
    expect(seen).toEqual([token32, "fe".repeat(32), token32, "fe".repeat(32)]);
    expect(errors).toEqual(["ERR_APNS_CONNECTION_LOST"]);
    expect(connections).toBe(3);
  });

  test("without onError, a failure ends it", async () => {
    const options = await service((_, raw) => void setTimeout(() => raw.resetAndDestroy(), 20));
    const polling = pollFeedback({ ...options, intervalMs: 5 })[Symbol.asyncIterator]();
    await expect(polling.next()).rejects.toMatchObject({ code: "ERR_APNS_CONNECTION_LOST" });
  });
});
