// Rows of the README's table of differences that no other test is about.
import { Http2Transport } from "@apns/http2";
import { expect, test } from "vitest";
import { type ApnsError, Errors } from "../src/index.js";
import { clientOf, greeting, startApple, tokens, unknown } from "./setup.js";

test("a client has its transport, and no pool of undici", async () => {
  const client = clientOf(await startApple());
  expect(client).not.toHaveProperty("client");
  expect(client.transport).toBeInstanceOf(Http2Transport);
});

test("of a sendMany, what is a mistake is told first, the rest as APNs answers", async () => {
  const client = clientOf(await startApple());
  const told: string[] = [];
  client.on(Errors.error, ({ notification }: ApnsError) => told.push(notification.deviceToken));
  await client.sendMany([greeting(unknown), greeting("xyz")]);
  expect(told).toEqual(["xyz", unknown]);
});

test("a sendMany has no more under way than its connections can use", async () => {
  const client = clientOf(await startApple({ unknownDeviceTokens: "accept", latencyMs: 5 }));
  const count = 20_000;
  const sending = client.sendMany(tokens(count).map((token) => greeting(token)));
  let most = 0;
  let isOver = false;
  void sending.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const { inFlight, queued } = client.transport.stats();
    most = Math.max(most, inFlight + queued);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await sending).toHaveLength(count);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(2 * client.transport.concurrency);
});
