import type { ClientHttp2Stream } from "node:http2";
import { expect, it, onTestFinished } from "vitest";
import { deviceToken, http2, start, until } from "./peers.ts";

it("a connection holds 16 MiB of unfinished bodies, and refuses the streams of all others", async () => {
  const apple = await start();
  apple.world.register(deviceToken);
  const { cert, key } = apple.credentials.tls;
  const attacker = await http2(apple, { cert, key });
  const other = await http2(apple);
  const before = process.memoryUsage().arrayBuffers;
  // One buffer for all: what the client holds itself does not count.
  const body = Buffer.alloc(200_000, "x");
  let refused = 0;
  const streams = Array.from({ length: 1000 }, (): ClientHttp2Stream => {
    const stream = attacker.session.request(
      { ":method": "POST", ":path": `/3/device/${deviceToken}`, "apns-topic": apple.credentials.topic },
      { endStream: false },
    );
    stream.on("error", () => {
      if (stream.rstCode === 7) refused++;
    });
    stream.write(body);
    return stream;
  });
  onTestFinished(() => {
    for (const stream of streams) stream.destroy();
  });
  // Each stream that is kept takes more than 64 KiB in the end.
  await until(() => refused >= 1000 - 250);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  expect((await other.push()).status).toBe(200);
  expect(apple.stats().http2).toMatchObject({ received: 1, accepted: 1 });
});
