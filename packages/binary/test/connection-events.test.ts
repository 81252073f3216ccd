import type { ConnectionEvent } from "@apns/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { connectTo, hello, pair, tokenOf } from "./helpers.js";
import { faithful } from "./raw-gateway.js";

/** An event in one line. */
const short = (event: ConnectionEvent): string =>
  `${event.connection} ${event.type}${"cause" in event ? ` ${event.cause?.code}` : ""}`;

test("a connection is opened, drains once its barrier is written, and is closed by the answer", async () => {
  const { transport, gateway } = await pair(faithful());
  const events: ConnectionEvent[] = [];
  transport.watchConnections((event) => events.push(event));
  const sending = transport.send(hello, tokenOf(1));
  await transport.flush();
  expect(await sending).toMatchObject({ kind: "accepted" });
  await vi.waitUntil(() => events.some(({ type }) => type === "closed"));
  expect(events.filter(({ connection }) => connection === 1).map(short)).toEqual([
    "1 opened",
    "1 draining",
    "1 closed",
  ]);
  expect(events[0]?.endpoint).toMatch(new RegExp(`:${gateway.port}$`));
});

test("a callback that throws, or rejects, disturbs no send and does not end the process", async () => {
  const warnings: string[] = [];
  vi.spyOn(process, "emitWarning").mockImplementation((message) => void warnings.push(String(message)));
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const { transport } = await pair(faithful(), {
    onConnectionEnded: () => {
      throw new Error("first");
    },
  });
  const rejecting: () => unknown = () => Promise.reject(new Error("second"));
  transport.watchConnections(rejecting as () => void);
  const sending = transport.send(hello, tokenOf(1));
  await transport.flush();
  expect(await sending).toMatchObject({ kind: "accepted" });
  await vi.waitUntil(() => warnings.length === 2);
  expect(warnings.sort()).toEqual([
    "A listener of watchConnections threw an error: second",
    "onConnectionEnded threw an error: first",
  ]);
});

test("a connection without notifications is closed with its transport", async () => {
  const { transport } = await pair(faithful());
  const events: ConnectionEvent[] = [];
  transport.watchConnections((event) => events.push(event));
  await transport.connect();
  await transport.close();
  expect(events.map(short)).toEqual(["1 opened", "1 closed ERR_APNS_TIMEOUT"]);
});

test("a failed attempt is reported, and nothing after the listener was removed", async () => {
  const transport = await connectTo(1, { maxConnectFailures: 1 });
  const events: ConnectionEvent[] = [];
  const stop = transport.watchConnections((event) => events.push(event));
  await expect(transport.connect()).rejects.toMatchObject({ code: "ERR_APNS_CONNECT_FAILED" });
  expect(events.map(short)).toEqual(["1 failed ERR_APNS_CONNECT_FAILED"]);
  stop();
  await expect(transport.connect()).rejects.toMatchObject({ code: "ERR_APNS_CONNECT_FAILED" });
  expect(events).toHaveLength(1);
});
