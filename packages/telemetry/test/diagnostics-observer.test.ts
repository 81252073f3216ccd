import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { alert, InMemoryTransport, observe } from "@apns/core";
import { afterEach, expect, test } from "vitest";
import { channelNames, diagnosticsObserver, type SendSettledMessage, type SendStartedMessage } from "../src/index.js";

const hello = alert({ aps: { alert: "Hi" } });
const told: [string | symbol, unknown][] = [];
const listen = (message: unknown, name: string | symbol): void => void told.push([name, message]);
afterEach(() => {
  for (const name of Object.values(channelNames)) unsubscribe(name, listen);
  told.length = 0;
});

test("publishes sends and their outcomes", async () => {
  for (const name of Object.values(channelNames)) subscribe(name, listen);
  const inner = new InMemoryTransport();
  inner.script("01", "Unregistered");
  const transport = observe(inner, diagnosticsObserver());
  await transport.send(hello, "01");
  await expect(transport.send(hello, "xyz")).rejects.toThrow();
  expect(told.map(([name]) => name)).toEqual([
    "apns:send:started",
    "apns:send:settled",
    "apns:send:started",
    "apns:send:refused",
  ]);
  const [started, settled] = told.map(([, message]) => message) as [SendStartedMessage, SendSettledMessage];
  expect(settled.send).toBe(started.send);
  expect(settled).toMatchObject({
    send: { deviceToken: "01", protocol: "memory", notification: hello },
    outcome: { kind: "rejected", reason: "Unregistered" },
  });
  expect(told[3]?.[1]).toMatchObject({ error: { code: "ERR_APNS_INVALID_DEVICE_TOKEN" } });
});

test("publishes connections", () => {
  subscribe(channelNames.connection, listen);
  const event = { type: "opened", connection: 1, endpoint: "localhost:1" } as const;
  diagnosticsObserver().connection?.(event, "http2");
  expect(told).toEqual([["apns:connection", { event, protocol: "http2" }]]);
});
