// What a server may do all the time, and not only once: each habit is held against the server's own books.
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { encodeFrame, encodePingFrame, encodeSettingsFrame, SettingId } from "@apns/h2";
import { contractTokens } from "@apns/testkit";
import { expect, test } from "vitest";
import { alert, Http2Transport } from "../src/index.js";
import { type RawConnection, RawPeer } from "./raw-peer.js";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const auth = { type: "token", key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" } as const;
const hello = alert({ topic: "com.example.App", aps: { alert: "Hi" } });
const { good } = contractTokens;

const ping = encodePingFrame({ ack: false, opaque: Buffer.alloc(8) });
const settings = (streams: number) =>
  encodeSettingsFrame({ ack: false, settings: [[SettingId.MAX_CONCURRENT_STREAMS, streams]] });
const unknown = encodeFrame(0xee, 0, 0, Buffer.alloc(0));
const isDead = (index: number) => index % 10 === 5;

type Answer = (connection: RawConnection, streamId: number, index: number) => void;

/** 200, or 400 for one device token in ten. */
const answer: Answer = (connection, streamId, index) =>
  isDead(index) ? connection.answer(streamId, 400, "BadDeviceToken") : connection.answer(streamId);

const habits: [string, Answer][] = [
  [
    "two SETTINGS for each dead device token: one stream, then all again",
    (connection, streamId, index) => {
      if (isDead(index)) connection.write(settings(1));
      answer(connection, streamId, index);
      if (isDead(index)) connection.write(settings(1000));
    },
  ],
  [
    "three PING for each answer",
    (connection, streamId, index) => {
      for (let count = 0; count < 3; count++) connection.write(ping);
      answer(connection, streamId, index);
    },
  ],
  [
    "three frames of unknown type for each answer",
    (connection, streamId, index) => {
      answer(connection, streamId, index);
      for (let count = 0; count < 3; count++) connection.write(unknown);
    },
  ],
  [
    "an empty DATA frame inside each answer",
    (connection, streamId) => {
      connection.headers(streamId, 200, false);
      connection.data(streamId, "", false);
      connection.data(streamId, "", true);
    },
  ],
  [
    "twelve SETTINGS for each answer, beyond every budget",
    (connection, streamId, index) => {
      for (let count = 0; count < 12; count++) connection.write(settings(100));
      answer(connection, streamId, index);
    },
  ],
  [
    "twelve empty DATA frames inside each answer, beyond every budget",
    (connection, streamId) => {
      connection.headers(streamId, 200, false);
      for (let count = 0; count < 12; count++) connection.data(streamId, "", false);
      connection.data(streamId, "", true);
    },
  ],
];

test.each(habits)("%s", async (_, habit) => {
  const books = new Map<string, number>();
  const peer = await RawPeer.start(
    async (connection) => {
      connection.settings([[SettingId.MAX_CONCURRENT_STREAMS, 100]]);
      connection.window(0, 10_000_000);
      for (;;) {
        connection.together(() => {
          const done = connection.requests.filter(({ complete }) => complete);
          for (const request of done) {
            connection.requests.splice(connection.requests.indexOf(request), 1);
            const deviceToken = request.path.replace("/3/device/", "");
            books.set(deviceToken, (books.get(deviceToken) ?? 0) + 1);
            habit(connection, request.streamId, indexOf.get(deviceToken)!);
          }
        });
        await once(connection.socket, "progress");
      }
    },
    { requestCert: false },
  );
  const indexOf = new Map(Array.from({ length: 2000 }, (_, index) => [good(index), index]));
  const transport = new Http2Transport({ environment: peer.endpoint, auth, timeoutMs: 20_000 });
  const outcomes = await Promise.all([...indexOf.keys()].map((deviceToken) => transport.send(hello, deviceToken)));
  await transport.close();
  await peer.close();
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  const answersAll = habit !== habits[3]![1] && habit !== habits[5]![1];
  expect(counts).toEqual(answersAll ? { accepted: 1800, rejected: 200 } : { accepted: 2000 });
  expect([...books.values()].filter((times) => times !== 1)).toEqual([]);
  expect(books.size).toBe(2000);
});
