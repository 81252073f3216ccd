// Many correct senders at once, an upstream that fails in every way at random, and bad device tokens all over: nothing is
// lost that the audit does not own up to, and nothing is delivered twice.
import { describe, expect, test } from "vitest";
import { sendBatch } from "./legacy-batch.ts";
import { apple, bridgeFor, frame, transportTo, until } from "./support.ts";

const senders = 6;
const perSender = 150;

describe.each([1, 2, 3])("seed %i", (seed) => {
  test.each([1, 20, 1000])("window %i", { timeout: 120_000 }, async (window) => {
    const simulator = await apple({ keyType: "ec", seed, maxReceived: 100_000 });
    const tokenOf = (sender: number, index: number) => `${sender}c`.repeat(16) + index.toString(16).padStart(32, "0");
    const isBad = (index: number) => index % 37 === 5;
    const isGone = (index: number) => index % 41 === 7;
    const good: string[] = [];
    for (let sender = 0; sender < senders; sender++) {
      for (let index = 0; index < perSender; index++) {
        if (isBad(index)) continue;
        simulator.world.register(tokenOf(sender, index));
        if (isGone(index)) simulator.world.unregister(tokenOf(sender, index));
        else good.push(tokenOf(sender, index));
      }
    }
    simulator.faults.add({ type: "delay", ms: 1, jitterMs: 10 });
    simulator.faults.add({ type: "reject", reason: "ServiceUnavailable", share: 0.02, times: 30 });
    simulator.faults.add({ type: "reject", reason: "TooManyRequests", share: 0.02, times: 30 });
    simulator.faults.add({ type: "refuseStream", share: 0.02, times: 30 });
    simulator.faults.add({ type: "resetStream", errorCode: 2, share: 0.01, times: 10 });
    simulator.faults.add({ type: "resetStream", errorCode: 2, decided: true, share: 0.01, times: 10 });
    simulator.faults.add({ type: "goAway", lastStream: "previous", share: 0.005, times: 2 });
    simulator.faults.add({ type: "cut", how: "rst", share: 0.005, times: 1 });
    const { bridge, rejections } = await bridgeFor(
      { transport: transportTo(simulator), rules: { unconfirmed: "accept" } },
      { window },
    );
    const port = bridge.ports.gateway[0]!;
    const answers = await Promise.all(
      Array.from({ length: senders }, (_, sender) =>
        sendBatch(
          port,
          Array.from({ length: perSender }, (_, index) => ({
            identifier: index + 1,
            bytes: frame({ command: sender % 2 === 0 ? 1 : 2, identifier: index + 1, token: tokenOf(sender, index) }),
          })),
        ),
      ),
    );
    await until(() => bridge.stats().undecided === 0);

    // Each sender heard of each of its bad device tokens, in order, and of nothing else.
    const bad = Array.from({ length: perSender }, (_, index) => index).filter(isBad);
    const unsure = new Set(rejections.filter(({ cause }) => cause === "unconfirmed").map((entry) => entry.deviceToken));
    for (const [sender, heard] of answers.entries()) {
      const certain = bad.filter((index) => !unsure.has(tokenOf(sender, index)));
      expect(heard).toEqual(certain.map((index) => ({ statusCode: 8, identifier: index + 1 })));
    }
    const accepted = new Map<string, number>();
    for (const { verdict, deviceToken } of simulator.received) {
      if (verdict.kind === "accepted") accepted.set(deviceToken, (accepted.get(deviceToken) ?? 0) + 1);
    }
    expect([...accepted].filter(([, times]) => times > 1)).toEqual([]);
    expect(good.filter((token) => !accepted.has(token) && !unsure.has(token))).toEqual([]);
  });
});
