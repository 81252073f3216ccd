import { alert, type ConnectionEvent } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { afterEach, expect, test, vi } from "vitest";
import { Http2Transport } from "../src/index.js";
import { accept, ScriptedServer } from "./apns-server.js";

const hello = alert({ topic: "com.example.App", aps: { alert: "Hi" } });

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** What is said of an event, short. */
const short = (event: ConnectionEvent): string => {
  const cause = "cause" in event ? ` ${event.cause?.code}` : "";
  const reason = "reason" in event ? ` ${event.reason}` : "";
  return `${event.connection} ${event.type}${cause}${reason}`;
};

async function watched(port?: number) {
  const server = await ScriptedServer.start({ onRequest: accept });
  cleanUps.push(() => server.close());
  const { client } = await testIdentities();
  const environment = { ...server.endpoint, ...(port === undefined ? {} : { port }) };
  const transport = new Http2Transport({ environment, auth: { type: "certificate", ...client } });
  cleanUps.push(() => transport.close({ timeoutMs: 100 }));
  const events: ConnectionEvent[] = [];
  const stop = transport.watchConnections((event) => events.push(event));
  return { server, transport, events, stop };
}

test("a connection is opened, and closed with its transport", async () => {
  const { transport, events, server } = await watched();
  await transport.send(hello, "00ff");
  await transport.close();
  expect(transport.stats()).toMatchObject({ connectionsOpen: 0 });
  expect(events.map(short)).toEqual([
    "1 opened",
    "1 draining ERR_APNS_TRANSPORT_CLOSED",
    "1 closed ERR_APNS_TRANSPORT_CLOSED",
  ]);
  expect(new Set(events.map(({ endpoint }) => endpoint))).toEqual(new Set([`127.0.0.1:${server.endpoint.port}`]));
});

test("a GOAWAY is reported with its reason, and the next connection has its own number", async () => {
  const { transport, events, server } = await watched();
  await transport.send(hello, "00ff");
  server.sessions[0]?.goaway(0, 0, Buffer.from('{"reason":"Shutdown"}'));
  // Longer than the second that the peer is given to close its side.
  await vi.waitUntil(() => events.length === 3, { timeout: 20_000 });
  await transport.send(hello, "00ff");
  expect(events.map(short)).toEqual([
    "1 opened",
    "1 draining ERR_APNS_GOAWAY Shutdown",
    "1 closed ERR_APNS_GOAWAY",
    "2 opened",
  ]);
});

test("a lost connection is reported, and nothing after the listener was removed", async () => {
  const { transport, events, stop, server } = await watched();
  await transport.send(hello, "00ff");
  server.sockets[0]?.destroy();
  await vi.waitUntil(() => events.length === 3);
  stop();
  await transport.send(hello, "00ff");
  expect(events.map(short)).toEqual([
    "1 opened",
    "1 draining ERR_APNS_CONNECTION_LOST",
    "1 closed ERR_APNS_CONNECTION_LOST",
  ]);
});

test("a failed attempt is reported with its cause", async () => {
  const { transport, events } = await watched(1);
  await expect(transport.connect()).rejects.toMatchObject({ code: "ERR_APNS_CONNECT_FAILED" });
  expect(events.map(short)).toEqual(["1 failed ERR_APNS_CONNECT_FAILED"]);
});
