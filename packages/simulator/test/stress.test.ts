// The real transport against a simulator that breaks at random: every send settles, nothing accepted is lost, and nothing
// arrives more often than its outcome allows.
import { alert, type Outcome, sendAll } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Fault } from "../src/index.ts";
import { start } from "./peers.ts";

const token = (index: number): string => index.toString(16).padStart(64, "0");
const hello = alert({ aps: { alert: "Hi" } });

// What ends connections happens a limited number of times: the transport connects again and sends again ever more slowly,
// as it should with Apple, and a storm without end would only measure its patience.
const weather: Readonly<Record<string, readonly Fault[]>> = {
  "GOAWAY, cuts and refusals": [
    { type: "goAway", share: 0.002, times: 4, reason: "Shutdown" },
    { type: "goAway", share: 0.002, times: 4, lastStream: "previous" },
    { type: "cut", how: "rst", share: 0.001, times: 3 },
    { type: "cut", how: "fin", share: 0.001, times: 3 },
    { type: "refuseStream", share: 0.02 },
  ],
  "everything the wire can do": [
    { type: "goAway", share: 0.001, times: 3, lastStream: "previous" },
    { type: "goAway", share: 0.001, times: 3, close: false },
    { type: "cut", how: "rst", midFrame: true, share: 0.001, times: 3 },
    { type: "resetStream", errorCode: 2, decided: true, share: 0.01 },
    { type: "resetStream", errorCode: 11, share: 0.01 },
    { type: "settings", maxConcurrentStreams: 1, forMs: 20, share: 0.001, times: 5 },
    { type: "settings", initialWindowBytes: 0, forMs: 20, share: 0.001, times: 5 },
    { type: "delay", ms: 1, jitterMs: 10, share: 0.1 },
    { type: "reorder", depth: 16, share: 0.2 },
  ],
};

describe.each(Object.entries(weather))("in a storm of %s", (_name, faults) => {
  it.each([1, 2])("the books balance (seed %i)", { timeout: 30_000 }, async (seed) => {
    const arrived = new Map<string, number>();
    const apple = await start({
      seed,
      unknownDeviceTokens: "accept",
      onReceived: ({ deviceToken, verdict }) => {
        if (verdict.kind === "accepted") arrived.set(deviceToken, (arrived.get(deviceToken) ?? 0) + 1);
      },
    });
    for (const fault of faults) apple.faults.add(fault);
    const { tls, topic, signingKey: key, keyId, teamId } = apple.credentials;
    const auths = [
      { type: "certificate", ...tls },
      { type: "token", key, keyId, teamId },
    ] as const;
    const each = 1500;
    const runs = Array.from({ length: 4 }, async (_, client): Promise<Outcome[]> => {
      const transport = new Http2Transport({ environment: apple.http2, auth: auths[client % 2]!, topic });
      onTestFinished(() => transport.close({ timeoutMs: 0 }));
      const deviceTokens = Array.from({ length: each }, (_unused, index) => token(client * each + index));
      const outcomes: Outcome[] = [];
      for await (const { outcome } of sendAll(transport, { notification: hello, deviceTokens })) outcomes.push(outcome);
      return outcomes;
    });
    const outcomes = (await Promise.all(runs)).flat();
    expect(new Set(outcomes.map(({ deviceToken }) => deviceToken)).size).toBe(4 * each);
    const wrong = outcomes.filter(({ kind, deviceToken }) => {
      const times = arrived.get(deviceToken) ?? 0;
      return kind === "accepted" ? times !== 1 : kind === "unconfirmed" ? times > 1 : times !== 0;
    });
    expect(wrong).toEqual([]);
    // Each cut leaves up to a thousand unconfirmed; the rest arrives.
    expect(outcomes.filter(({ kind }) => kind === "accepted").length).toBeGreaterThan(each);
    expect(outcomes.filter(({ kind }) => kind === "rejected" || kind === "unsent")).toEqual([]);
  });
});
