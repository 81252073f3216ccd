// Faults drawn at random, seeded: whatever peer and caller do, no outcome may contradict what the peer did.
import type { Outcome } from "@apns/core";
import { Http2ErrorCode, SettingId } from "@apns/h2";
import { contractTokens, seeded, testIdentities } from "@apns/testkit";
import { describe, expect, test } from "vitest";
import { alert, Http2Transport } from "../src/index.js";
import { type RawConnection, RawPeer, type RawRequest } from "./raw-peer.js";

/** What the peer did, by device token. */
class Ledger {
  readonly accepted = new Map<string, number>();
  readonly refused = new Map<string, number>();
  /** Not said to have been left alone: it may have been accepted. */
  readonly open = new Set<string>();

  note(book: Map<string, number>, request: RawRequest): void {
    const deviceToken = tokenOf(request);
    book.set(deviceToken, (book.get(deviceToken) ?? 0) + 1);
  }
}

const tokenOf = ({ path }: RawRequest): string => path.replace("/3/device/", "");

/** A peer that does something else with each request, and ends each connection in its own way. */
function chaotic(random: () => number, ledger: Ledger): (connection: RawConnection) => void {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return (connection) => {
    // What it does is drawn when the connection is made, so that it does not hang on the timing of others.
    const endsAfter = Math.floor(random() * 60);
    const ending = pick(["goAway", "goAwayThenCut", "fin", "cut", "silence", "nothing"] as const);
    const actions = Array.from({ length: 100 }, () => random());
    const limit = pick([1, 3, 10, 100]);
    if (random() < 0.1) {
      connection.cut();
      return;
    }
    connection.settings([[SettingId.MAX_CONCURRENT_STREAMS, limit]]);
    const seen = new Set<number>();
    /** Of these the client knows that they were left alone. */
    const leftAlone = new Set<number>();
    let processedUpTo = 0;
    let over = false;
    connection.socket.on("progress", () => {
      for (const request of connection.requests) {
        if (over || !request.complete || seen.has(request.streamId)) continue;
        seen.add(request.streamId);
        if (seen.size > endsAfter && ending !== "nothing") end();
        else act(request, actions[seen.size % actions.length]!);
      }
    });

    const act = (request: RawRequest, chance: number): void => {
      const { streamId } = request;
      if (chance < 0.05) {
        leftAlone.add(streamId);
        connection.resetStream(streamId, Http2ErrorCode.REFUSED_STREAM);
        return;
      }
      processedUpTo = streamId;
      if (chance < 0.6) {
        ledger.note(ledger.accepted, request);
        connection.answer(streamId);
      } else if (chance < 0.75) {
        ledger.note(ledger.refused, request);
        connection.answer(streamId, 400, "BadDeviceToken");
      } else if (chance < 0.8) {
        ledger.note(ledger.accepted, request);
        connection.headers(streamId, 200, false);
        connection.resetStream(streamId, Http2ErrorCode.INTERNAL_ERROR);
      } else if (chance < 0.85) {
        // Never ends: the deadline does.
        ledger.note(ledger.refused, request);
        connection.headers(streamId, 410, false);
        connection.data(streamId, '{"reason":', false);
      } else {
        ledger.open.add(tokenOf(request));
        if (chance < 0.9) connection.resetStream(streamId, Http2ErrorCode.INTERNAL_ERROR);
      }
    };

    const end = (): void => {
      over = true;
      if (ending === "goAway" || ending === "goAwayThenCut") {
        connection.goAway(processedUpTo);
        if (ending === "goAwayThenCut") setTimeout(() => connection.cut(), 20);
        return;
      }
      // Whatever was or will be read of what is written to it is in doubt.
      const doubt = (): void => {
        for (const request of connection.requests) {
          if (request.streamId > processedUpTo && !leftAlone.has(request.streamId)) ledger.open.add(tokenOf(request));
        }
      };
      doubt();
      connection.socket.on("progress", doubt);
      connection.answersPings = ending !== "silence";
      if (ending === "fin") connection.end();
      if (ending === "cut") connection.cut();
    };
  };
}

describe.each(Array.from({ length: 4 }, (_, index) => index + 1))("chaos, seed %i", (seed) => {
  test("every notification settles once, with the outcome that the peer's records confirm", async () => {
    const random = seeded(seed);
    const ledger = new Ledger();
    const peer = await RawPeer.start(chaotic(random, ledger));
    const { client } = await testIdentities();
    const transport = new Http2Transport({
      environment: peer.endpoint,
      auth: { type: "certificate", ...client },
      maxConnections: 3,
      timeoutMs: 1_500,
      requestTimeoutMs: 400,
      pingAfterMs: 100,
      pingTimeoutMs: 100,
    });
    const controllers = [new AbortController(), new AbortController()];
    const settled: string[] = [];
    try {
      const sends = Array.from({ length: 300 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, random() * 500));
        const deviceToken = contractTokens.good(index);
        const notification = alert({ topic: "com.example.App", aps: { alert: "x".repeat(1 + random() * 3000) } });
        const { signal } = controllers[index % 40 === 0 ? 0 : 1]!;
        const timeoutMs = index % 20 === 1 ? 100 : 1_500;
        const outcome = await transport.send(notification, deviceToken, { signal, timeoutMs });
        settled.push(deviceToken);
        return { deviceToken, outcome };
      });
      setTimeout(() => controllers[0]!.abort(), 300);
      const ended = await Promise.all(sends);
      for (const { deviceToken, outcome } of ended) expect(wrong(outcome, deviceToken, ledger)).toBeUndefined();
      expect(new Set(settled).size).toBe(300);
      const kinds = new Set(ended.map(({ outcome }) => outcome.kind));
      expect(kinds.has("accepted") && kinds.has("rejected")).toBe(true);
      expect(transport.stats()).toMatchObject({ inFlight: 0, queued: 0, streamsOpen: 0 });
    } finally {
      await transport.close({ timeoutMs: 0 });
      await peer.close();
    }
  });
});

/** What contradicts the ledger. */
function wrong(outcome: Outcome, deviceToken: string, { accepted, refused, open }: Ledger): string | undefined {
  const times = (accepted.get(deviceToken) ?? 0) + (refused.get(deviceToken) ?? 0) + (open.has(deviceToken) ? 1 : 0);
  const what = `${outcome.kind} after ${outcome.attempts} attempts, but`;
  if (times > 1) return `${what} processed ${times} times`;
  if (outcome.kind === "accepted" && !accepted.has(deviceToken)) return `${what} never accepted`;
  if (outcome.kind === "rejected" && !refused.has(deviceToken)) return `${what} never refused`;
  if (outcome.kind === "unsent" && times > 0) return `${what} processed: ${outcome.cause.message}`;
  return undefined;
}
