// Every header of every push different, over one connection, through a server of others.
import { createSecureServer, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { Notification, type Outcome, type Priority } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { Http2Transport } from "../src/index.ts";

const count = 100_000;
const inFlight = 1000;
const priorities: readonly (Priority | undefined)[] = [1, 5, 10, undefined];

interface Push {
  readonly notification: Notification;
  readonly deviceToken: string;
  readonly apnsId: string;
  /** What the server must have read. */
  readonly expected: string;
}

function pushOf(index: number): Push {
  const number = String(index);
  // One in sixteen is delivered like the one before, and a collapse id comes again after 40 pushes now and then.
  const delivered = index % 16 === 15 ? index - 1 : index;
  const topic = `com.example.App${delivered % 5000}`;
  const pushType = `type${delivered % 7 === 0 ? "" : delivered}`;
  const priority = priorities[delivered % 4];
  const expiration = 1_900_000_000 + delivered;
  const collapseId =
    delivered % 9 === 0 ? undefined : `spiel ${delivered % 5 === 0 ? delivered % 40 : delivered} größer`;
  const payload = JSON.stringify({ aps: { alert: `Push ${index}` } });
  const deviceToken = number.padStart(64, "0");
  const apnsId = `00000000-0000-4000-8000-${number.padStart(12, "0")}`;
  return {
    notification: new Notification({
      topic,
      pushType,
      payload,
      expiration: new Date(expiration * 1000),
      ...(priority === undefined ? {} : { priority }),
      ...(collapseId === undefined ? {} : { collapseId }),
    }),
    deviceToken,
    apnsId,
    expected: JSON.stringify([deviceToken, topic, pushType, priority, expiration, collapseId, apnsId, payload]),
  };
}

function read(headers: IncomingHttpHeaders, payload: string): string {
  const text = (name: string) => headers[name] as string | undefined;
  const number = (name: string) => (text(name) === undefined ? undefined : Number(text(name)));
  const collapseId = text("apns-collapse-id");
  return JSON.stringify([
    text(":path")?.replace("/3/device/", ""),
    text("apns-topic"),
    text("apns-push-type"),
    number("apns-priority"),
    number("apns-expiration"),
    collapseId === undefined ? undefined : Buffer.from(collapseId, "latin1").toString("utf8"),
    text("apns-id"),
    payload,
  ]);
}

test(`${count} pushes with headers of their own arrive with them on one connection of node:http2`, async () => {
  const { ca, server: identity } = await testIdentities();
  const server = createSecureServer({ ...identity, settings: { maxConcurrentStreams: inFlight } });
  const differing: string[] = [];
  let arrived = 0;
  let connections = 0;
  let constant = 0;
  server.on("session", () => connections++);
  server.on("stream", (stream, headers) => {
    let payload = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      payload += text;
    });
    stream.on("end", () => {
      const seen = read(headers, payload);
      if (seen !== pushOf(Number(headers["apns-id"]!.slice(-12))).expected) differing.push(seen);
      if (headers["x-tenant"] === "blue" && headers.authorization === undefined) constant++;
      arrived++;
      stream.respond({ ":status": 200, "apns-id": headers["apns-id"] }, { endStream: true });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { client } = await testIdentities();
  const transport = new Http2Transport({
    environment: { host: "127.0.0.1", port: (server.address() as AddressInfo).port, ca },
    auth: { type: "certificate", cert: client.cert, key: client.key },
    headers: { "x-tenant": "blue" },
    maxConnections: 1,
  });
  onTestFinished(() => transport.close());

  let next = 0;
  let accepted = 0;
  const others: Outcome[] = [];
  const sender = async (): Promise<void> => {
    while (next < count) {
      const { notification, deviceToken, apnsId } = pushOf(next++);
      const outcome = await transport.send(notification, deviceToken, { apnsId });
      if (outcome.kind === "accepted" && outcome.apnsId === apnsId) accepted++;
      else others.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
  expect(others).toEqual([]);
  expect(differing).toEqual([]);
  expect({ accepted, arrived, connections, constant }).toEqual({
    accepted: count,
    arrived: count,
    connections: 1,
    constant: count,
  });
}, 180_000);
