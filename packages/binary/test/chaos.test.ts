// Faults drawn at random, seeded: whatever the gateway does, no outcome may contradict what it did.
import type { Outcome } from "@apns/core";
import { seeded } from "@apns/testkit";
import { describe, expect, test } from "vitest";
import { hello, pair, tokenOf } from "./helpers.js";
import { answer, type Ending, type RawConnection, type RawFrame, sixBytes } from "./raw-gateway.js";

/** What the gateway did, by device token. */
class Ledger {
  readonly processed = new Map<string, number>();
  readonly refused = new Map<string, number>();

  process({ token }: RawFrame): void {
    this.processed.set(token, (this.processed.get(token) ?? 0) + 1);
  }
}

/** A gateway that has a fault of a random kind after a random number of frames on each connection. */
function chaotic(random: () => number, ledger: Ledger): (frame: RawFrame, connection: RawConnection) => void {
  const plans = new Map<number, { at: number; fault: number; ending: Ending; sizes: readonly number[] }>();
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return (frame, connection) => {
    let plan = plans.get(connection.number);
    if (plan === undefined) {
      plan = {
        at: Math.floor(random() * 40),
        fault: random(),
        ending: pick(["fin", "rst"] as const),
        sizes: pick([[6], [1, 5], [3, 3]]),
      };
      plans.set(connection.number, plan);
    }
    const { at, fault, ending, sizes } = plan;
    const reply = (hex: string): void => void answer(connection, hex, ending, sizes);
    if (frame.token === "") return reply(fault > 0.9 ? sixBytes(2, 0) : sixBytes(2, frame.identifier));
    if (frame.index < at || fault > 0.8) return ledger.process(frame);
    if (fault < 0.4) {
      ledger.refused.set(frame.token, (ledger.refused.get(frame.token) ?? 0) + 1);
      return reply(sixBytes(pick([1, 5, 7, 8, 255]), frame.identifier));
    }
    // Every fault but a refusal accepts this one: it must not be sent again.
    ledger.process(frame);
    if (fault < 0.6) return reply(sixBytes(10, frame.identifier));
    if (fault < 0.7) return reply("");
    if (fault < 0.75) return reply(sixBytes(8, 0));
    // Swallows the rest, and the barrier with it.
    return connection.discard();
  };
}

function contradiction(outcome: Outcome, ledger: Ledger): string | undefined {
  const processed = ledger.processed.get(outcome.deviceToken) ?? 0;
  const refused = ledger.refused.get(outcome.deviceToken) ?? 0;
  const fine = {
    accepted: processed === 1 && refused === 0,
    rejected: processed === 0 && refused === 1,
    unsent: processed === 0 && refused === 0,
    // A refusal that came after the barrier's deadline was never read.
    unconfirmed: processed + refused <= 1,
  }[outcome.kind];
  return fine ? undefined : `${outcome.deviceToken} is ${outcome.kind}: processed ${processed}, refused ${refused}`;
}

const kinds = new Set<string>();

describe("no outcome contradicts the gateway, nothing is processed twice, and everything settles", () => {
  test.each(Array.from({ length: 30 }, (_, seed) => seed))("seed %i", async (seed) => {
    const random = seeded(seed);
    const ledger = new Ledger();
    const { transport } = await pair(
      { frame: chaotic(random, ledger) },
      {
        format: seed % 2 === 0 ? "enhanced" : "framed",
        maxConnections: 1 + (seed % 3),
        reconnectEvery: 5 + Math.floor(random() * 60),
        barrierTimeoutMs: 40,
        confirmAfterIdleMs: 20,
        maxConnectFailures: 1000,
      },
    );
    const sends: Promise<Outcome>[] = [];
    for (let batch = 0; batch < 6; batch++) {
      for (let count = Math.floor(random() * 80); count > 0; count--) {
        sends.push(transport.send(hello, tokenOf(sends.length)));
      }
      if (random() < 0.5) await transport.flush();
      else await new Promise((resolve) => setTimeout(resolve, random() * 10));
    }
    await transport.close();
    const outcomes = await Promise.all(sends);
    expect(outcomes.map((outcome) => contradiction(outcome, ledger)).filter((text) => text !== undefined)).toEqual([]);
    expect(outcomes.map(({ deviceToken }) => deviceToken)).toEqual(sends.map((_, index) => tokenOf(index)));
    expect(transport.stats()).toMatchObject({ inFlight: 0, queued: 0, connectionsOpen: 0 });
    for (const { kind } of outcomes) kinds.add(kind);
  });

  test("and the draws led to every kind of verdict", () => {
    expect([...kinds].sort()).toEqual(["accepted", "rejected", "unconfirmed"]);
  });
});
