// Both real transports against the simulator: the same contract, the same world, and books that balance.
import { BinaryTransport, feedback } from "@apns/binary";
import { alert, type Outcome, sendAll, type Transport } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import { contractTokens, describeTransportContract } from "@apns/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { rejected, type Simulator, startSimulator } from "../src/index.js";

function overHttp2(apple: Simulator): Transport {
  const { signingKey: key, keyId, teamId, topic } = apple.credentials;
  return new Http2Transport({ environment: apple.http2, auth: { type: "token", key, keyId, teamId }, topic });
}

function overHttp2WithCertificate(apple: Simulator): Transport {
  const { tls, topic } = apple.credentials;
  return new Http2Transport({ environment: apple.http2, auth: { type: "certificate", ...tls }, topic });
}

function overBinary(apple: Simulator): Transport {
  return new BinaryTransport({
    environment: apple.gateway,
    auth: { type: "certificate", ...apple.credentials.tls },
    reconnectEvery: 500,
  });
}

const wires = [
  ["HTTP/2 with a provider token", overHttp2],
  ["HTTP/2 with a certificate", overHttp2WithCertificate],
  ["binary", overBinary],
] as const;

for (const [name, open] of wires) {
  describeTransportContract(`${name}, against the simulator`, {
    open: async () => {
      const received: string[] = [];
      const apple = await startSimulator({
        unknownDeviceTokens: "accept",
        verdict: (push, faithful) =>
          push.deviceToken === contractTokens.bad ? rejected("BadDeviceToken") : faithful(),
        onReceived: ({ deviceToken, verdict }) => {
          if (verdict.kind === "accepted") received.push(deviceToken);
        },
      });
      return { transport: open(apple), received: () => received, close: () => apple.close() };
    },
  });
}

describe("one world behind both wires", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  const token = (index: number): string => index.toString(16).padStart(64, "0");
  const hello = alert({ aps: { alert: "Hi" } });

  async function send(transport: Transport, deviceTokens: readonly string[]): Promise<Outcome[]> {
    cleanUps.push(() => transport.close());
    const outcomes: Outcome[] = [];
    for await (const { outcome } of sendAll(transport, { notification: hello, deviceTokens }, { ordered: true })) {
      outcomes.push(outcome);
    }
    return outcomes;
  }

  test("an uninstalled app is a 410 over HTTP/2, and a feedback tuple after success over the binary wire", async () => {
    const apple = await startSimulator();
    cleanUps.push(() => apple.close());
    const unregisteredAt = new Date("2026-01-02T03:04:05Z");
    apple.world.register([token(1), token(2)]);
    apple.world.unregister(token(2), unregisteredAt);

    expect(await send(overHttp2(apple), [token(1), token(2), token(3)])).toMatchObject([
      { kind: "accepted" },
      { kind: "rejected", reason: "Unregistered", unregisteredAt, dropToken: true },
      { kind: "rejected", reason: "BadDeviceToken", httpStatus: 400 },
    ]);
    expect(await send(overBinary(apple), [token(1), token(2), token(3)])).toMatchObject([
      { kind: "accepted" },
      { kind: "accepted" },
      { kind: "rejected", reason: "BadDeviceToken", statusCode: 8 },
    ]);
    const tuples = [];
    for await (const tuple of feedback({
      environment: apple.feedback,
      auth: { type: "certificate", ...apple.credentials.tls },
    }))
      tuples.push(tuple);
    expect(tuples).toEqual([{ deviceToken: token(2), unregisteredAt }]);
  });

  test.each(wires)(
    "%s: each of 5,000 with bad ones among them arrives exactly once, over a slow network",
    async (_, open) => {
      const arrived = new Map<string, number>();
      const apple = await startSimulator({
        latencyMs: 10,
        onReceived: ({ deviceToken, verdict }) => {
          if (verdict.kind === "accepted") arrived.set(deviceToken, (arrived.get(deviceToken) ?? 0) + 1);
        },
      });
      cleanUps.push(() => apple.close());
      const deviceTokens = Array.from({ length: 5000 }, (_unused, index) => token(index));
      const isBad = (index: number): boolean => index % 400 === 7;
      apple.world.register(deviceTokens.filter((_unused, index) => !isBad(index)));
      const outcomes = await send(open(apple), deviceTokens);
      for (const [index, outcome] of outcomes.entries()) {
        expect([index, outcome.kind]).toEqual([index, isBad(index) ? "rejected" : "accepted"]);
      }
      expect(arrived.size).toBe(deviceTokens.filter((_unused, index) => !isBad(index)).length);
      expect([...arrived.values()].every((times) => times === 1)).toBe(true);
    },
  );
});
