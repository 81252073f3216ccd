// What frequent refusals cost: connections and repetitions, never an outcome.
import { connect, createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { connectTo, hello, pair, sendTogether, short, tokenOf, tokens } from "./helpers.js";
import { answer, faithful, listen, type RawConnection, sixBytes } from "./raw-gateway.js";

test("of 4000 with every twentieth bad, each arrives once, and little is written in vain", async () => {
  const bad = new Map(tokens(4000).flatMap((token, index) => (index % 20 === 7 ? [[token, 8] as const] : [])));
  const script = faithful(bad);
  const { transport } = await pair(script);
  const outcomes = await sendTogether(transport, tokens(4000));
  expect(outcomes.map((outcome) => outcome.split(" ")[0])).toEqual(
    tokens(4000).map((token) => (bad.has(token) ? "rejected" : "accepted")),
  );
  expect(script.accepted.map(({ token }) => token).sort()).toEqual(tokens(4000).filter((token) => !bad.has(token)));
  const { resent, connectionsOpened, errorResponses } = transport.stats();
  expect(errorResponses).toBe(200);
  // With all that waits behind each refusal it would be 400,000.
  expect(resent).toBeLessThan(30_000);
  expect(connectionsOpened).toBeLessThan(300);
});

test("after a refusal a connection is kept in reserve, and the next refusal finds it open", async () => {
  let second: RawConnection | undefined;
  const script = faithful();
  const { transport, gateway } = await pair(
    {
      frame: (frame, connection) => {
        if (connection.number === 0) {
          if (frame.index === 0) void answer(connection, sixBytes(8, frame.identifier), "fin");
        } else if (second === undefined || second === connection) second = connection;
        else script.frame?.(frame, connection);
      },
    },
    { confirmAfterIdleMs: 60_000, confirmWithinMs: 60_000 },
  );
  const sends = tokens(6).map((deviceToken) => transport.send(hello, deviceToken));
  // Five of sixteen on the second, and nobody asks for a verdict: only the reserve can be the third.
  await vi.waitFor(() => expect(gateway.connections).toHaveLength(3));
  await vi.waitFor(() => expect(second?.frames).toHaveLength(5));
  expect(gateway.connections.map(({ frames }) => frames.length).sort()).toEqual([0, 1, 5]);
  void answer(second!, sixBytes(8, 2), "fin");
  const flushed = transport.flush();
  expect((await Promise.all(sends)).map(short)).toEqual([
    "rejected 8 1",
    "accepted 2",
    "rejected 8 2",
    "accepted 3",
    "accepted 3",
    "accepted 3",
  ]);
  await flushed;
  expect(script.accepted.map(({ token }) => token)).toEqual([3, 4, 5].map(tokenOf));
});

test("to a gateway that refuses everything, connections get ever slower, and none is kept in reserve", async () => {
  const { transport } = await pair({
    frame: (frame, connection) => {
      connection.discard();
      void answer(connection, sixBytes(8, frame.identifier), "fin");
    },
  });
  const startedAt = performance.now();
  const sends = tokens(500).map((deviceToken) => transport.send(hello, deviceToken));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { connectionsOpened } = transport.stats();
  const elapsedMs = performance.now() - startedAt;
  // Ten are free, and those that were in reserve or under way by then; the waits add up to 20 + 40 + 60 … ms.
  expect(connectionsOpened).toBeGreaterThan(10);
  expect(connectionsOpened).toBeLessThan(10 + 16 + 8 + Math.sqrt(elapsedMs / 10) + 2);
  await transport.close({ timeoutMs: 0 });
  await Promise.all(sends);
});

test("further connections resume the TLS session", async () => {
  const { ca, server: identity } = await testIdentities();
  const resumed: boolean[] = [];
  const server = createTlsServer({ ...identity, ca, maxVersion: "TLSv1.2", requestCert: true }, (socket) => {
    resumed.push(socket.isSessionReused());
    socket.on("error", () => {});
    // One notification and the barrier behind it, in one write.
    socket.once("data", () => socket.end(Buffer.from(sixBytes(2, 2), "hex")));
  });
  const port = await listen(server);
  onTestFinished(() => void server.close());
  const transport = await connectTo(port, { reconnectEvery: 1 });
  for (let round = 0; round < 3; round++)
    expect(await sendTogether(transport, [tokenOf(round)])).toEqual(["accepted 1"]);
  expect(resumed.slice(0, 3)).toEqual([false, true, true]);
});

test("where resumption fails, the connection is made without it, and no failure is counted", async () => {
  const { gateway } = await pair(faithful());
  let seen = 0;
  const relay = createServer((socket) => {
    socket.on("error", () => {});
    if (++seen === 2) return void socket.destroy();
    const onward = connect(gateway.port, "127.0.0.1");
    onward.on("error", () => {});
    socket.pipe(onward).pipe(socket);
  });
  const port = await listen(relay);
  onTestFinished(() => void relay.close());
  const transport = await connectTo(port);
  for (let round = 0; round < 2; round++)
    expect(await sendTogether(transport, tokens(2))).toEqual(Array(2).fill("accepted 1"));
  expect(seen).toBe(3);
  expect(transport.stats()).toMatchObject({ connectFailures: 0, connectionsOpened: 2 });
});
